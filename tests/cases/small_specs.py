"""Shipped specs that are small enough to be exported in a test, and which of their forms are proven where."""

from functools import cache

from tests.cases.counted import FILES, variants_of

SMALL, LIGHT = 10_000_000, 2_000_000_000
"""Parameters and MACs as written."""
_LARGEST_FOR_LITERT = 10_000_000 // 4
"""Parameters of a file of 10 MB."""
_SWAPPED = "specs/speech_embedding_streaming.yaml"
"""LiteRT's converter gives its outputs in another order, so it is not converted."""


@cache
def for_litert() -> list[str]:
    """Return the files that are converted for LiteRT: their exports as written are proven before."""
    return [
        file
        for file in FILES
        if (variants_of(file)[0].totals.deployed_params or 0) < _LARGEST_FOR_LITERT and file != _SWAPPED
    ]


@cache
def forms_by_turns() -> dict[str, list[str]]:
    """Return, by file of each small spec, the forms that are proven one a turn: kinds that change it, as written.

    As written is left out where the spec is converted for LiteRT.
    """
    proven = for_litert()
    found = {}
    for file in FILES:
        as_written, *others = variants_of(file)
        if as_written.totals.params < SMALL and (as_written.totals.macs or 0) < LIGHT:
            own = [] if file in proven else [as_written.variant]
            found[file] = [*own, *(model.variant for model in others)]
    return {file: forms for file, forms in found.items() if forms}
