"""Readers of IDR study folders."""
