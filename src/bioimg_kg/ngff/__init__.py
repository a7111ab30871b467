"""OME-Zarr: what its metadata says, whatever a writer made of it, and the addresses of its pictures."""
