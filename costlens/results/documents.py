"""The JSON documents that commands write, and their JSON Schemas: ``schemas/NAME.json`` beside this file.

A document is there where its schema is: the module of its name holds the ``Document``.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from costlens.discovery import class_in
from costlens.results.stored import Document

_SCHEMAS = files("costlens.results") / "schemas"
DOCUMENTS = tuple(sorted(file.name.removesuffix(".json") for file in _SCHEMAS.iterdir()))


def stored_schema(name: str) -> str:
    """Return the JSON Schema of a document as it lies in the package."""
    return (_SCHEMAS / f"{name}.json").read_text(encoding="utf-8")


def made_schema(name: str) -> dict[str, Any]:
    """Make the JSON Schema of a document from its type: draft 2020-12, every field required, no other allowed."""
    from pydantic import TypeAdapter

    kind = class_in("costlens.results", name, Document)
    document = TypeAdapter(kind).json_schema(mode="serialization")
    for each in (document, *document.get("$defs", {}).values()):
        if "properties" in each:
            each |= {"required": sorted(each["properties"]), "additionalProperties": False}
    document["properties"]["schema"] = {"const": kind.SCHEMA, "description": "the version of this document"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{kind.SCHEMA.replace('.', ':').replace('/', ':')}",
        **document,
        "title": kind.SCHEMA,
    }
