"""From study metadata to a release: read, map, write, load."""
