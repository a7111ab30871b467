"""Analyses over a release: what the loss of genes has in common, and how surprising that is.

Their input is the answers of named queries, so whoever has an endpoint can do the same with other tools.
"""
