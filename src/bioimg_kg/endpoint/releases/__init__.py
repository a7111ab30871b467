"""Releases as clients see them: the list of them, one of them by name, what differs between two."""
