"""A page as JSON: the versioned document that its result is, a list for several results."""

import json
from typing import Any

from costlens.formats.escape import json_text
from costlens.results.page import Page
from costlens.results.stored import to_json

suffix = ".json"


def render(page: Page) -> str:
    """Write the document of a page, all of it."""
    if isinstance(page.document, list):
        return json_text("[" + ",\n".join(_text(each).rstrip() for each in page.document) + "]\n")
    return json_text(_text(page.document))


def _text(document: Any) -> str:
    plain = isinstance(document, dict)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n" if plain else to_json(document)
