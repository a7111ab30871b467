"""What the service shows of a thing beyond its statements: sections, each the answer to a named query."""
