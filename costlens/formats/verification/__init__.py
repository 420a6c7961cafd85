"""Verified specs → text, one file per format."""
