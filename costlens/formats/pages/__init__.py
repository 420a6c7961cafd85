"""What each result has to say, one file a result: ``page(result)`` returns its blocks, for every format."""

from __future__ import annotations
