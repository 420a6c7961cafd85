"""``costlens explain``: the arithmetic made visible; imports no framework."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Argument, Group, Option
from costlens.commands._conv_options import ConvOptions
from costlens.commands._options import Kinds, Latency, PrecisionOf, SettingsAlone, Variant, asked
from costlens.commands._output import TERMINAL, Format, refused, write
from costlens.errors import UsageError, did_you_mean
from costlens.formats.pages import explanation
from costlens.results.explanation import FileRowExplanation, LayerExplanation
from costlens.spec import shipped
from costlens.tasks import explain as explaining
from costlens.tasks.explain import CONV

if TYPE_CHECKING:
    from costlens.results.explanation import ConvolutionExplanation
    from costlens.results.page import Page

DRAWN = (".svg", ".html")


def command(
    what: Annotated[
        str,
        Argument(
            metavar="MODEL|conv", words=(CONV, *shipped.names()), files=True, help="One network, or the word conv."
        ),
    ],
    options: Annotated[ConvOptions, Group()],
    layer: Annotated[
        str | None, Option(help="A layer of the spec or of the model, or a convolution by its name.")
    ] = None,
    memory: Annotated[
        bool, Option("--memory", help="Show where activations lie while it runs, and what is there at the peak.")
    ] = False,
    variant: Variant = None,
    kind: Kinds = None,
    set_: SettingsAlone = None,
    latency: Latency = False,
    precision: PrecisionOf = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    picture: Annotated[Path | None, Option(metavar="FILE.svg|FILE.html", help="Draw the convolution, too.")] = None,
) -> None:
    """Show a convolution's cost in every kind, step by step, or what a layer of a network reads, does and writes.

    With --memory, show where the network's activations lie in one piece of memory, as microcontrollers hold them.

    Example: costlens explain conv --input 8x8x3 --kernel 5x5 --filters 256
    """
    if picture is not None and picture.suffix not in DRAWN:
        raise UsageError(f"--picture {picture}: expected a name that ends in {' or '.join(DRAWN)}")
    of_spec = {"--layer": layer, "--memory": memory, "--variant": variant, "--set": set_, "--precision": precision}
    if what == CONV:
        if given := [option for option, value in of_spec.items() if value]:
            raise UsageError(f"explain {CONV} {', '.join(given)}: only for a spec; name one in the place of {CONV}")
        write(_convolution(options, picture), format)
        return
    if not Path(what).exists() and (hint := did_you_mean(what, (CONV,))):
        raise UsageError(f"{what}: no such file{hint}")
    if options.given:
        raise UsageError(f"explain {what} {', '.join(options.given)}: only for explain {CONV}; name a --layer")
    if picture is not None and layer is None and not memory:
        raise UsageError(f"explain {what}: name a --layer; without one there is nothing to draw")
    model = explaining.network(what, asked([variant] if variant else None, set_, kind, precision=precision))
    if memory:
        _refuse_beside_memory(what, layer, picture)
        from costlens.formats.pages.memory import page

        write(page(explaining.memory(model)), format)
    elif layer is None:
        write(explanation.names(model.count, quote(model.word.text)), format)
    else:
        made = _layer(explaining.layer(model, layer), layer, picture)
        if latency:
            from costlens.commands._predicted import with_latency

            made = with_latency(made, [model], row=layer)
        write(made, format)


def _refuse_beside_memory(what: str, layer: str | None, picture: Path | None) -> None:
    if layer is not None or picture is not None:
        raise UsageError(f"explain {what} --memory: is of the whole network; leave out --layer and --picture")


def _convolution(options: ConvOptions, picture: Path | None) -> Page:
    explained = explaining.convolution(*options.read())
    return explanation.convolution(explained, _drawn(explained, "", picture))


def _layer(explained: LayerExplanation | FileRowExplanation, name: str, picture: Path | None) -> Page:
    if isinstance(explained, FileRowExplanation):
        convolution, caption = explained.convolution, f"{explained.model.name} · {name}"
    else:
        site = explained.site
        convolution, caption = (site.convolution, f"{explained.model} · {site.name}") if site else (None, "")
    if picture is not None and convolution is None:
        raise UsageError(f"--picture {picture}: {name} has one form only; convolutions that have kinds are drawn")
    drawn = _drawn(convolution, caption, picture) if convolution else ""
    return explanation.of_layer(explained, drawn)


def _drawn(explained: ConvolutionExplanation, name: str, target: Path | None) -> str:
    """Draw a convolution where that is asked for, and return the name of the file."""
    if target is None:
        return ""
    from costlens.formats.pictures import convolution
    from costlens.storage.files import write_whole

    text = convolution.svg(explained, name) if target.suffix == ".svg" else convolution.html(explained, name)
    with refused(f"--picture {target}", "; choose another file"):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text)
    return target.name
