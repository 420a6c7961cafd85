"""``costlens schema``: the JSON Schemas of specs, which editors complete from, and of what commands write."""

import json
from typing import Annotated

from costlens.commands._cli import Argument, echo
from costlens.errors import UsageError, did_you_mean
from costlens.results.stored import DOCUMENTS, stored_schema

SPEC = "spec"
_NAMES = (SPEC, *DOCUMENTS)


def command(
    name: Annotated[
        str,
        Argument(metavar="|".join(_NAMES), words=_NAMES, help="The spec language, or what a command writes as JSON."),
    ] = SPEC,
) -> None:
    """Print the JSON Schema of the spec language, or of a command's JSON.

    Example: costlens schema > schema.json
    """
    if name not in _NAMES:
        raise UsageError(f"schema {name}: expected {', '.join(_NAMES)}{did_you_mean(name, _NAMES)}")
    if name == SPEC:
        from costlens.spec.schema import schema

        echo(json.dumps(schema(), indent=2, ensure_ascii=False))
    else:
        echo(stored_schema(name), nl=False)
