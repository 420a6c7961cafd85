"""The options that describe one convolution, and the layer they make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from costlens.commands._cli import Option
from costlens.errors import UsageError

if TYPE_CHECKING:
    from costlens.arithmetic.shapes import Shape

EXAMPLE = "costlens explain conv --input 8x8x3 --kernel 5x5 --filters 256"
_MOST = 10**9
_SIZES = re.compile(r"\d{1,9}(?:[x×,]\d{1,9})*")
_RANKS = (2, 3)


@dataclass(frozen=True, slots=True)
class ConvOptions:
    """What was given on the command line; None where it was not."""

    input: Annotated[str | None, Option(metavar="HxWxC", help="Of conv: what it reads; TxC over time.")] = None
    kernel: Annotated[str | None, Option(metavar="HxW", help="Of conv: one size, or one per axis.")] = None
    filters: Annotated[int | None, Option(min=1, max=_MOST, help="Of conv: output channels.")] = None
    stride: Annotated[str | None, Option(metavar="N|HxW", help="Of conv; 1 unless given.")] = None
    dilation: Annotated[str | None, Option(metavar="N|HxW", help="Of conv; 1 unless given.")] = None
    padding: Annotated[
        str | None, Option(metavar="same|valid|N", help="Of conv: same unless given; per axis: valid,same.")
    ] = None
    groups: Annotated[int | None, Option(min=1, max=_MOST, help="Of conv; 1 unless given.")] = None
    bias: Annotated[bool | None, Option("--bias/--no-bias", help="Of conv: without unless given.")] = None

    @property
    def given(self) -> tuple[str, ...]:
        """The options that were given."""
        return tuple(f"--{name}" for name in self.__slots__ if getattr(self, name) is not None)

    def read(self) -> tuple[dict[str, Any], Shape]:
        """Return the fields of the convolution and the shape of its input; UsageError for a value that is none."""
        missing = [f"--{name}" for name in ("input", "kernel", "filters") if getattr(self, name) is None]
        if missing:
            raise UsageError(f"explain conv: {', '.join(missing)} missing, for example {EXAMPLE}")
        shape = self._sizes("input", "8x8x3")
        if len(shape) not in _RANKS or 0 in shape:
            raise UsageError(f"--input {self.input}: expected HxWxC or TxC, each at least 1, for example 8x8x3")
        fields: dict[str, Any] = {"filters": self.filters, "bias": bool(self.bias), "groups": self.groups or 1}
        for name in ("kernel", "stride", "dilation"):
            if getattr(self, name):
                sizes = self._sizes(name, "5x5")
                if len(sizes) not in (1, len(shape) - 1):
                    image = f"--input {self.input} has {len(shape) - 1}: HxWxC has 2, TxC has 1"
                    raise UsageError(f"--{name} {getattr(self, name)}: {len(sizes)} spatial axes, {image}")
                fields[name] = sizes[0] if len(sizes) == 1 else sizes
        if self.padding is not None:
            fields["padding"] = _padding(self.padding)
        return fields, shape

    def _sizes(self, name: str, example: str) -> tuple[int, ...]:
        given = getattr(self, name)
        if not _SIZES.fullmatch(given):
            raise UsageError(f"--{name} {given}: expected sizes joined by x, for example {example}")
        return tuple(int(size) for size in re.split("[x×,]", given))


def _padding(given: str) -> Any:
    """Read a padding as a spec writes it; the brackets around one per axis may be left out."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        read = YAML(typ="safe", pure=True).load(f"[{given}]")
    except YAMLError:
        return given
    return read[0] if len(read) == 1 else read
