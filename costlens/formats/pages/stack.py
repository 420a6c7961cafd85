"""What of the stack is there, and what the cache holds."""

from collections.abc import Sequence

from costlens.arithmetic import units
from costlens.results.columns import BYTES, COUNT, Column
from costlens.results.page import Block, Items, Mark, Page, Say, Table, Tone
from costlens.results.stack import Cache, Kept, Package, Stack, State

_TONES: dict[State, Tone] = {"ok": "good", "missing": "warn", "other version": "bad", "broken": "bad"}
PACKAGES: tuple[Column[Package], ...] = (
    Column("name", "package", value=lambda package: Mark(package.name)),
    Column("version", "version"),
    Column("wanted", "wanted", priority=2),
    Column("state", "", value=lambda package: Mark(package.state, _TONES[package.state])),
    Column("part", "part", value=lambda package: package.part or "base"),
)
KEPT: tuple[Column[Kept], ...] = (
    Column("sort", "what", value=lambda kept: Mark(kept.sort)),
    Column("entries", "entries", COUNT),
    Column("bytes", "size", BYTES),
    Column("oldest", "oldest use"),
)


def stack(found: Stack) -> Page:
    """Return the page of a stack."""
    lines = [
        f"Python {found.python} on {found.machine}",
        *(f"{name} runs on: {', '.join(devices)}" for name, devices in found.devices.items()),
        *(f"{name} {told}" if told else f"{name} is missing: REVISION:path and --base need it"
          for name, told in found.tools.items()),
        _where(found.cache),
    ]  # fmt: skip
    blocks: list[Block] = [Table(PACKAGES, found.packages), Items(lines)]
    if found.missing:
        blocks.append(Say("The line that installs what is missing, and what that brings:"))
        blocks.append(Items((Mark(missing.install, "code"), f": {missing.brings}") for missing in found.missing))
    else:
        blocks.append(Say("Every package is there.", tone="good"))
    return Page(f"costlens {found.costlens}", blocks, found)


def cache(found: Cache) -> Page:
    """Return the page of what is kept."""
    return Page("The cache", [Table(KEPT, found.kept), Say(_where(found))], found)


def cleared(removed: Sequence[Kept], left: Cache) -> Page:
    """Return the page of what was removed, and what is left."""
    total = sum(each.bytes for each in removed)
    done = f"Removed {units.bytes_(total)} from {left.folder}." if removed else f"{left.folder}: nothing to remove."
    why = {True: "which another process may be making", False: "not touched"}
    stay = [f"left: {each.sort} ({each.entries}), {why[each.removed]}" for each in left.kept]
    return Page("The cache", [Table(KEPT, removed), Say(done), Items(stay)], [*removed])


def _where(cache: Cache) -> str:
    held = units.bytes_(cache.bytes) if cache.kept else "nothing"
    return f"Cache: {cache.folder}, {held}{'' if cache.is_writable else ', CANNOT BE WRITTEN: set COSTLENS_CACHE'}"
