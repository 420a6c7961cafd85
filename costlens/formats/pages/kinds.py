"""The words of the spec language: one line each, or all fields where it is only one."""

from collections.abc import Sequence

from costlens.results.columns import Column
from costlens.results.kinds import Kind, KindField
from costlens.results.page import Block, Items, Mark, Page, Records, Say, Table

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
    """Return the page of some words."""
    if len(kinds) > 1:
        hint = Say("costlens kinds NAME says what each field takes", tone="dim")
        return Page("Kinds of layers", [Table(_KINDS, kinds), hint], [*kinds])
    (kind,) = kinds
    table = Table(_FIELDS, kind.fields)
    notes = [f"short form: {kind.name}: VALUE sets {kind.shorthand}"] if kind.shorthand else []
    blocks: list[Block] = [
        Say(f"MACs ÷ standard: {kind.formula}" if kind.formula else ""),
        table,
        Items([*notes, f"also: {', '.join(kind.added)}"], "dim"),
    ]
    screen = [Say(f"{kind.name}: {kind.help}"), *blocks]
    return Page(kind.name, [Say(kind.help), *blocks], [kind], screen=screen, records=Records.of(table))


def _field(field: KindField) -> str:
    return field.name + (f" = {field.default}" if field.default not in ("", "required") else "")
