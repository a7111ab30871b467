"""OME-Zarr copies of images: listed in tables, or in folders with their metadata; never pixels."""
