"""Renderers of what a machine can do at most; everything they write is in ``costlens.results.bounds``."""
