"""Checked specs → text, one file per format."""
