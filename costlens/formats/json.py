"""A page as JSON: the versioned document that its result is, a list for several results."""

import json
from collections.abc import Iterator
from typing import Any

from costlens.formats.escape import json_text
from costlens.results.page import Page
from costlens.results.stored import json_pieces

suffix = ".json"


def render(page: Page) -> str:
    """Write the document of a page, all of it."""
    return "".join(pieces(page))


def pieces(page: Page) -> Iterator[str]:
    """Yield the text in pieces: a document may hold 100,000 points."""
    if isinstance(page.document, list):
        yield json_text("[" + ",\n".join("".join(_pieces(each)).rstrip() for each in page.document) + "]\n")
    else:
        yield from map(json_text, _pieces(page.document))


def _pieces(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        yield json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    else:
        yield from json_pieces(document)
