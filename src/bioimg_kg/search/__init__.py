"""Search over a release: an index of all that has a name, and the way from words to things."""
