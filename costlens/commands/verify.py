"""``costlens verify``: spec = Keras = ONNX, or which number is wrong."""

from __future__ import annotations

import typer

from costlens import pipeline
from costlens.commands._options import Settings, Specs, Variants, console, settings_from, spec_files
from costlens.commands._progress import progress
from costlens.errors import VerificationError


def command(specs: Specs, variant: Variants = None, set_: Settings = None) -> None:
    """Build, export and compare every variant; exit 4 where two roads to one number disagree."""
    from costlens.formats import terminal

    out, settings = console(), settings_from(set_)
    wrong = 0
    for path in spec_files(specs):
        loaded = pipeline.load(path, settings)
        with progress() as observe:
            proofs = pipeline.prove(loaded, variant or (pipeline.ALL,), observe=observe)
        for proof in proofs:
            out.print(terminal.ledger(proof.ledger, out.width))
            wrong += not proof.ledger.ok
    if wrong:
        raise VerificationError(
            f"{wrong} variant(s) failed verification; the lines marked NO say which numbers disagree"
        )
    typer.echo("verified: every check agrees")
