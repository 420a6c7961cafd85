"""``costlens schema``: the JSON Schema that editors complete specs from."""

from __future__ import annotations

import json

import typer


def command() -> None:
    """Print the JSON Schema of the spec language."""
    from costlens.spec.schema import schema

    typer.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
