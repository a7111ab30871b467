"""What differs between two releases: statements per graph and study, things per class.

The N-Quads files of a release are sorted, so two of them are compared by reading both once from the
beginning to the end, in memory that does not grow with them. Files with the same checksum are not read.
"""
