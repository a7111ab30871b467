"""Pictures of planes of OME-Zarr images, made in processes of their own with bounded time and memory."""
