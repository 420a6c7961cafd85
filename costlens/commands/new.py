"""``costlens new``: a commented spec to start from, or a variant of another spec."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Argument, Option, echo
from costlens.commands._options import MODEL, Kinds, Variant, asked
from costlens.commands._output import refused
from costlens.errors import UsageError


def command(
    name: Annotated[
        str | None, Argument(help="Name of the network; with --from that of the spec and the variant, unless given.")
    ] = None,
    from_: Annotated[
        str | None,
        Option("--from", metavar="MODEL", help="A spec, of which a variant is written, or a Keras model.", **MODEL),
    ] = None,
    variant: Variant = None,
    kind: Kinds = None,
    output: Annotated[Path | None, Option("--output", "-o", help="Write this file; it must not exist yet.")] = None,
) -> None:
    """Print a commented starter spec, or the spec of a variant or of a Keras model; or write it to a file.

    A variant keeps the layers, comments and row names of its spec and gets kinds: by name. Published figures are left
    out. A model is written where each of its layers has a kind; both count the same and compute the same.

    Example: costlens new my_network -o my_network.yaml
    """
    if output is not None and os.path.lexists(output):
        raise UsageError(f"{output}: is already there; name another file with -o")
    folder = output.parent if output else None
    files: dict[Path, bytes] = {}
    proven = ""
    if from_ is not None:
        from costlens.tasks.new import model_as_spec

        written = model_as_spec(
            from_, asked([variant] if variant else None, None, kind), name=name or "", folder=folder
        )
        text, proven = written.text, written.proven
        files = {(folder or Path()) / each: content for each, content in written.files.items()}
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
    for path, content in files.items():
        if path.is_file() and path.read_bytes() != content:
            raise UsageError(f"{path}: is there with other blocks; write into another folder with -o")
    with refused(str(output), "; name another file with -o"):
        for path, content in files.items():
            path.write_bytes(content)
        with output.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    beside = f", with {', '.join(path.name for path in files)}" if files else ""
    said = f"{proven}; " if proven else ""
    echo(f"{output}: written{beside}; {said}costlens count {output} counts it")
