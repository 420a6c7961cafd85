"""The JSON documents that commands write, and their JSON Schemas: ``schemas/NAME.json`` beside this file.

A document is there where its schema is: the module of its name holds the type as ``DOCUMENT``, and its ``SCHEMA``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import Any

_SCHEMAS = files("costlens.results") / "schemas"
DOCUMENTS = tuple(sorted(file.name.removesuffix(".json") for file in _SCHEMAS.iterdir()))


def stored_schema(name: str) -> str:
    """Return the JSON Schema of a document as it lies in the package."""
    return (_SCHEMAS / f"{name}.json").read_text(encoding="utf-8")


def made_schema(name: str) -> dict[str, Any]:
    """Make the JSON Schema of a document from its type: draft 2020-12, every field required, no other allowed."""
    from pydantic import TypeAdapter

    module = import_module(f"costlens.results.{name}")
    document = TypeAdapter(module.DOCUMENT).json_schema(mode="serialization")
    for each in (document, *document.get("$defs", {}).values()):
        if "properties" in each:
            each |= {"required": sorted(each["properties"]), "additionalProperties": False}
    document["properties"]["schema"] = {"const": module.SCHEMA, "description": "the version of this document"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{module.SCHEMA.replace('.', ':').replace('/', ':')}",
        **document,
        "title": module.SCHEMA,
    }
