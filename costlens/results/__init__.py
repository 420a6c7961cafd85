"""Typed results: what was counted, proven and measured. Values only; formats render them."""

from __future__ import annotations
