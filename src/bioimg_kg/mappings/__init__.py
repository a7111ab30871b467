"""Mappings of the studies' words to ontology terms: how strong a stated one is, and which might be made."""
