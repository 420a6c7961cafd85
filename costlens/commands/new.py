"""``costlens new``: a commented spec to start from, or a variant of another spec."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Argument, Option, echo
from costlens.commands._options import MODEL, Kinds, Variant, asked
from costlens.errors import UsageError
from costlens.storage.files import require_new, write_new


def command(
    name: Annotated[
        str | None,
        Argument(help="Name of the network; with --from that of the spec, and of the variant, unless given."),
    ] = None,
    from_: Annotated[
        str | None,
        Option(
            "--from",
            metavar="MODEL",
            help="A spec, of which a variant is written, a Keras model or an ONNX file.",
            **MODEL,
        ),
    ] = None,
    variant: Variant = None,
    kind: Kinds = None,
    output: Annotated[Path | None, Option("--output", "-o", help="Write this file; it must not exist yet.")] = None,
) -> None:
    """Print a commented starter spec, or the spec of a variant, a Keras model or an ONNX file; or write it to a file.

    A variant keeps the layers, comments and row names of its spec and gets kinds: by name. Published figures are left
    out. A model is written where each of its layers has a kind; both count the same and compute the same.

    Example: costlens new my_network -o my_network.yaml
    """
    if output is not None:
        require_new(output)
    folder = output.parent if output else None
    files: Mapping[str, bytes] = {}
    proven = ""
    if from_ is not None:
        from costlens.tasks.new import model_as_spec

        written = model_as_spec(
            from_, asked([variant] if variant else None, None, kind), name=name or "", folder=folder
        )
        text, files, proven = written.text, written.files, written.proven
    elif name is None:
        raise UsageError("new: a name is missing; for example costlens new my_network, or --from SPEC for a variant")
    elif variant or kind:
        raise UsageError("new: --variant and --kind are of a spec; add --from SPEC")
    else:
        from costlens.spec.starter import SCHEMA, starter

        text = starter(name, has_schema=((folder or Path()) / SCHEMA).is_file())
    if output is None:
        echo(text, nl=False)
        return
    write_new(output, text, files)
    beside = f", with {', '.join(files)}" if files else ""
    said = f"{proven}; " if proven else ""
    echo(f"{output}: written{beside}; {said}costlens count {output} counts it")
