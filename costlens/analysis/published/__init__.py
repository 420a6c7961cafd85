"""The papers' tables: one declarative file of printed figures each, compared with what the specs count."""

from costlens.analysis.published.comparison import Counter, compare
from costlens.analysis.published.reading import Source, read

__all__ = ["Counter", "Source", "compare", "read"]
