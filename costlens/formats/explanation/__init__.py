"""Explanations → text and pictures: ``text`` and ``markdown`` are the formats of ``costlens explain``."""
