"""The rooms of the house and what each imports: ``python -m tests.house.rooms`` prints them, floor by floor."""

import grimp

ROOT = "costlens"
ENTRANCES = {"__main__"}


def arrows() -> dict[str, set[str]]:
    """Return, for each room, the rooms that it imports from."""
    graph = grimp.build_graph(ROOT)
    rooms = {module.split(".")[1] for module in graph.modules if module != ROOT} - ENTRANCES
    found: dict[str, set[str]] = {room: set() for room in rooms}
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            ours, theirs = importer.split(".")[1:2], imported.split(".")[1:2]
            if ours != theirs and ours and theirs and not ENTRANCES & {*ours, *theirs}:
                found[ours[0]].add(theirs[0])
    return found


def floors(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Return the rooms by floor, the lowest first; a room stands above all that it imports. ValueError for a circle.

    >>> floors({"a": {"b"}, "b": set(), "c": {"a", "b"}})
    [['b'], ['a'], ['c']]
    """
    found: list[list[str]] = []
    left = dict(arrows)
    while left:
        lowest = sorted(room for room, below in left.items() if not below & left.keys())
        if not lowest:
            raise ValueError(f"these rooms import each other in a circle: {', '.join(sorted(left))}")
        found.append(lowest)
        left = {room: below for room, below in left.items() if room not in lowest}
    return found


if __name__ == "__main__":
    between = arrows()
    levels = floors(between)
    print(f"{len(between)} rooms, {len(levels)} floors, {sum(map(len, between.values()))} arrows, no circle")
    for number, level in reversed(list(enumerate(levels, 1))):
        for room in level:
            print(f"{number:>2}  {room:<10} imports {', '.join(sorted(between[room])) or 'nothing'}")
