"""What a document of published figures may say."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from costlens.arithmetic.figures import Figure
from costlens.arithmetic.precision import FP32, Precision
from costlens.errors import did_you_mean
from costlens.results.counts import AS_WRITTEN
from costlens.results.published import COUNTED, HELD, LAYER, MANNERS, UNPRINTED, WORDS


def _as_list(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Kernel = Annotated[str, AfterValidator(lambda size: size.replace("×", "x"))]

_KNOWN = (
    f"{', '.join(COUNTED)}, each with {', '.join(f'_{manner}' for manner in MANNERS if manner)} too, "
    f"{', '.join(HELD)} in bytes, and {LAYER}"
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rows(_Part):
    """Which rows are counted: those of a kind, a kernel (``1x1``), a section, or of these names or blocks."""

    kind: str = ""
    kernel: Kernel = ""
    section: str = ""
    name: Names = ()


class Counted(_Part):
    """What is counted, for one figure or for all of a table that do not say otherwise.

    ``spec`` is a path relative to the document, ``without`` names rows, blocks or sections that the source left out.
    ``precision`` is that of sizes in bytes, which are of the whole network.
    """

    spec: str = ""
    settings: dict[str, str] = {}
    variant: str = AS_WRITTEN
    precision: Precision = FP32
    rows: Rows = Rows()
    without: Names = ()
    convention: str = ""


class FigureEntry(Counted):
    """One line of a table: figures as printed, by the word of what they count; ``none`` where none is.

    ``wrong`` and ``differs`` say that they do not agree, by a mistake or since the source counts something else.
    A line without a label is called by the names of its rows.
    """

    label: str = ""
    published: dict[str, str] = Field(min_length=1)
    wrong: bool = False
    differs: bool = False
    remark: str = ""

    @field_validator("published")
    @classmethod
    def _figures(cls, given: dict[str, str]) -> dict[str, str]:
        for word, text in given.items():
            if word not in WORDS:
                raise ValueError(f"{word}: unknown word{did_you_mean(word, WORDS)}; known: {_KNOWN}")
            figure(word, text)
        return given

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if not (self.label or self.rows.name):
            raise ValueError("label: missing; only a figure of named rows can do without")
        if self.wrong and self.differs:
            raise ValueError("wrong: and differs: exclude each other; keep one")
        if self.known and not self.remark:
            raise ValueError(f"{self.known}: true needs a remark: that says why")
        return self

    @property
    def known(self) -> Literal["", "wrong", "differs"]:
        """Why the figures do not agree, in a word."""
        return "wrong" if self.wrong else "differs" if self.differs else ""


class TableEntry(Counted):
    """One table of the source."""

    title: str
    note: str = ""
    figures: tuple[FigureEntry, ...] = Field(min_length=1)
    remarks: tuple[str, ...] = ()


class Document(_Part):
    """One source with its tables."""

    title: str
    source: str
    url: str = ""
    note: str = ""
    tables: tuple[TableEntry, ...] = Field(min_length=1)


def figure(word: str, text: str) -> Figure | None:
    """Read a printed figure: ``4.2M``, ``∼330k``, ``94.86%`` of a share, ``23×`` of a ratio; None for a layer or none.

    >>> figure("kernels", "∼330k").value
    330000
    >>> figure("macs_share", "94.86%").value, figure("arena", "66.5KiB").value
    (94.86, 68096)
    """
    if word == LAYER or text == UNPRINTED:
        return None
    share = word.endswith("_share")
    if share != text.endswith("%"):
        raise ValueError(f"{word}: expected {'a percentage' if share else 'no percentage'}, received {text!r}")
    if word in HELD:
        try:
            return Figure.parse_bytes(text)
        except ValueError as error:
            raise ValueError(f"{word}: {error}") from None
    mark = "%" if share else "×" if "_" in word else ""
    try:
        return Figure.parse(text.removesuffix(mark).lstrip("~∼ "))
    except ValueError as error:
        raise ValueError(f"{word}: {error}") from None
