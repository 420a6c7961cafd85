"""Drawings as SVG: what a page shows beside its words."""

from __future__ import annotations
