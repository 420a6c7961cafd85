"""The JSON documents that commands write, and their JSON Schemas: ``schemas/NAME.json`` beside this file."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import Any

DOCUMENTS = {
    "check": ("costlens.results.check", "Checked"),
    "comparison": ("costlens.results.comparison", "Comparison"),
    "diff": ("costlens.results.diff", "Diff"),
}
"""The name of each document, and the type it is written from, whose module holds its ``SCHEMA``."""


def stored_schema(name: str) -> str:
    """Return the JSON Schema of a document as it lies in the package."""
    return (files("costlens.results") / "schemas" / f"{name}.json").read_text(encoding="utf-8")


def made_schema(name: str) -> dict[str, Any]:
    """Make the JSON Schema of a document from its type: draft 2020-12, every field required, no other allowed."""
    from pydantic import TypeAdapter

    module = import_module(DOCUMENTS[name][0])
    document = TypeAdapter(getattr(module, DOCUMENTS[name][1])).json_schema(mode="serialization")
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
