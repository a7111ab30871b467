"""From the archive-neutral model to quads."""
