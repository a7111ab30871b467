"""Slices of ontologies and logical definitions: what the graph says of the terms that studies use."""
