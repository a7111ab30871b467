"""A knowledge graph of public microscopy archives.

Study metadata of image archives becomes linked data: phenotypes, genes, reagents and evidence, with
provenance to the file and row each statement came from.
"""

__version__ = "0.1.0"
