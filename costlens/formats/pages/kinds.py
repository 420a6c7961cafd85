"""The words of the spec language: one line each, or all fields where it is only one."""

from collections.abc import Sequence

from costlens.arithmetic import units
from costlens.arithmetic.shapes import times
from costlens.results.columns import Column
from costlens.results.kinds import SORTS, Kind, KindField
from costlens.results.page import Block, Code, Heading, Items, Mark, Page, Records, Say, Table

_KINDS: tuple[Column[Kind], ...] = (
    Column("kind", "kind", value=lambda kind: Mark(kind.name)),
    Column("fields", "fields (= default)", value=lambda kind: ", ".join(map(_field, kind.fields))),
    Column("help", "", value=lambda kind: Mark(kind.help, "dim")),
)
_FIELDS: tuple[Column[KindField], ...] = (
    Column("name", "field", value=lambda field: Mark(field.name)),
    Column("type", "takes"),
    Column("default", "default"),
    Column("description", ""),
)


def page(kinds: Sequence[Kind]) -> Page:
    """Return the page of some words: a line each by sort on a terminal, all in a document."""
    if len(kinds) > 1:
        hint = Say("costlens kinds NAME says what each field takes", tone="dim")
        every = [block for kind in kinds for block in (Heading(kind.name), *_all(kind))]
        sorts = {sort: [kind for kind in kinds if kind.sort == sort] for sort in SORTS}
        tables = [block for sort, found in sorts.items() for block in (Heading(sort), Table(_KINDS, found))]
        return Page(
            "Kinds of layers", every, [*kinds], 1, screen=[*tables, hint], records=Records.of(Table(_KINDS, kinds))
        )
    (kind,) = kinds
    screen = [Say(f"{kind.name}: {kind.help}"), *_all(kind)[1:]]
    return Page(kind.name, _all(kind), [kind], screen=screen, records=Records.of(Table(_FIELDS, kind.fields)))


def _all(kind: Kind) -> list[Block]:
    """Say all of one kind: shapes and formulas, fields, and what an example of it costs."""
    blocks: list[Block] = [
        Say(kind.help),
        *map(Say, kind.about),
        Say(f"MACs ÷ standard: {kind.formula}" if kind.formula else ""),
        Table(_FIELDS, kind.fields),
        Items([f"short form: {kind.name}: VALUE sets {kind.shorthand}" if kind.shorthand else "", _added(kind)], "dim"),
    ]
    if example := kind.example:
        costs = (units.count(example.params), units.count(example.macs), units.count(example.flops))
        blocks += [
            Code(example.spec, "yaml"),
            Say("writes {}: {} parameters, {} MACs, {} FLOPs".format(times(example.output), *costs)),
        ]
    return blocks


def _added(kind: Kind) -> str:
    return f"also: {', '.join(kind.added)}" if kind.added else ""


def _field(field: KindField) -> str:
    return field.name + (f" = {field.default}" if field.default not in ("", "required") else "")
