"""``costlens explain``: the arithmetic made visible; imports no framework."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Argument, Group, Option
from costlens.commands._conv_options import ConvOptions
from costlens.commands._options import Settings, Variant, asked
from costlens.commands._output import Format, write
from costlens.errors import ShapeError, UsageError, did_you_mean
from costlens.formats import TERMINAL
from costlens.formats.pages import explanation
from costlens.tasks import explain as explaining

if TYPE_CHECKING:
    from costlens.results.explanation import ConvolutionExplanation
    from costlens.sources._source import Model

CONV = "conv"
DRAWN = (".svg", ".html")


def command(
    what: Annotated[str, Argument(metavar="MODEL|conv", words=(CONV,), help="One network, or the word conv.")],
    options: Annotated[ConvOptions, Group()],
    layer: Annotated[str | None, Option(help="A layer of the spec, or a convolution by its name.")] = None,
    variant: Variant = None,
    set_: Settings = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    picture: Annotated[Path | None, Option(metavar="FILE.svg|FILE.html", help="Draw the convolution, too.")] = None,
) -> None:
    """Show a convolution's cost in every kind, step by step, or what a layer of a spec reads, does and writes.

    Example: costlens explain conv --input 8x8x3 --kernel 5x5 --filters 256
    """
    if picture is not None and picture.suffix not in DRAWN:
        raise UsageError(f"--picture {picture}: expected a name that ends in {' or '.join(DRAWN)}")
    of_spec = {"--layer": layer, "--variant": variant, "--set": set_}
    if what == CONV:
        if given := [option for option, value in of_spec.items() if value]:
            raise UsageError(f"explain {CONV} {', '.join(given)}: only for a spec; name one in the place of {CONV}")
        _convolution(options, format, picture)
        return
    if not Path(what).exists() and (hint := did_you_mean(what, (CONV,))):
        raise UsageError(f"{what}: no such file{hint}")
    if options.given:
        raise UsageError(f"explain {what} {', '.join(options.given)}: only for explain {CONV}; name a --layer")
    model = explaining.network([what], asked([variant] if variant else None, set_))
    if layer is not None:
        _layer(model, layer, format, picture)
    elif picture is not None:
        raise UsageError(f"explain {what}: name a --layer; without one there is nothing to draw")
    else:
        write(explanation.names(model.count, model.word.name), format)


def _convolution(options: ConvOptions, format_: str, picture: Path | None) -> None:
    from costlens.analysis.explain import convolution

    layer, shape = options.read()
    try:
        explained = convolution(layer, shape)
    except ShapeError as error:
        raise ShapeError(f"explain {CONV} --input {options.input}: {error}") from None
    if picture is not None:
        _draw(explained, "", picture)
    write(explanation.convolution(explained, picture.name if picture else ""), format_)


def _layer(model: Model, name: str, format_: str, picture: Path | None) -> None:
    explained = explaining.layer(model, name)
    if picture is not None:
        if explained.site is None:
            raise UsageError(f"--picture {picture}: {name} has one form only; convolutions that have kinds are drawn")
        _draw(explained.site.convolution, f"{model.count.name} · {explained.site.name}", picture)
    write(explanation.layer(explained, picture.name if picture else ""), format_)


def _draw(explained: ConvolutionExplanation, name: str, target: Path) -> None:
    from costlens.formats.pictures import convolution
    from costlens.storage.files import write_whole

    drawn = convolution.svg(explained, name) if target.suffix == ".svg" else convolution.html(explained, name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, drawn)
    except OSError as error:
        raise UsageError(f"--picture {target}: cannot be written: {error.strerror}; choose another file") from error
