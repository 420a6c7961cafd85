"""``costlens export``: one variant of a spec as a proven ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Argument, Option
from costlens.commands._options import KINDS, Settings, console, settings_from
from costlens.commands._progress import progress
from costlens.network.variants import AS_WRITTEN
from costlens.tasks import _pipeline as pipeline


def command(
    spec: Annotated[Path, Argument(help="A spec file (YAML).", show_default=False)],
    output: Annotated[Path, Option("--output", "-o", help="The ONNX file to write.", show_default=False)],
    variant: Annotated[str, Option(help=f"One of {KINDS}.")] = AS_WRITTEN,
    set_: Settings = None,
) -> None:
    """Export a spec to ONNX by way of Keras, and write it only when both are proven equal.

    Example: costlens export specs/yamnet.yaml -o yamnet.onnx
    """
    loaded = pipeline.load(spec, settings_from(set_))
    with progress() as observe:
        proven = pipeline.export(loaded, variant, output, observe=observe)
    console().print(f"{output}: {proven.file.bytes:,} bytes, {len(proven.ledger.entries)} checks agree", soft_wrap=True)
