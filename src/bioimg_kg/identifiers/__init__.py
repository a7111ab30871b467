"""Turns text into IRIs; nothing else in the project does."""
