"""Random families: counters, lists and conditions, and the same network written out by Python itself."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tests.draw.strategies import flow

KNOBS: Mapping[str, Any] = {
    "width": 3,
    "flag": True,
    "off": False,
    "widths": [4, 6, 5],
    "pairs": [[3, 1], [5, 2]],
    "rows": [{"u": 2, "v": 3}, {"u": 4, "v": 1}, {"u": 1, "v": 1}],
}
_FIRST = ("width", "widths[1]", "widths[-1]", "len(widths)", "pairs[1][0]", "2 if flag else 4", "max(1, width - 2)")


def family(seed: int) -> tuple[str, str]:
    """Return the layers of a family as YAML, and those of the network that it stands for, one statement a line."""
    draw = _Draw(Random(seed))
    statements = draw.body(0, ())
    return _text(statements), _text(unrolled(statements, KNOBS))


def _text(statements: list[Any]) -> str:
    return "".join(f"- {flow(one)}\n" for one in (*statements, "relu"))


class _Draw:
    def __init__(self, random: Random) -> None:
        self.random = random

    def body(self, depth: int, names: tuple[str, ...]) -> list[Any]:
        return [self.statement(depth, names) for _ in range(self.random.randint(1, 3))]

    def statement(self, depth: int, names: tuple[str, ...]) -> Any:
        if depth < 3 and self.random.random() < 0.5:
            made = {"repeat": self.repeat(depth, names)}
        else:
            made = {"dense": {"units": self.number(names)}}
        if self.random.random() < 0.3:
            next(iter(made.values()))["when"] = self.condition(names)
        return made

    def repeat(self, depth: int, names: tuple[str, ...]) -> dict[str, Any]:
        how = self.random.choice(("times", "list", "knob", "pairs", "rows", "step"))
        name = f"n{depth}"
        given: dict[str, Any]
        given, more = {
            "times": ({"times": self.random.choice([0, 1, 2, 3, self.number(names)])}, ()),
            "list": ({"for": {name: [self.number(names) for _ in range(self.random.randint(0, 3))]}}, (name,)),
            "knob": ({"for": {name: "widths"}}, (name,)),
            "pairs": ({"for": {f"{name}, p{depth}": "pairs"}}, (name, f"p{depth}")),
            "rows": ({"for": "rows"}, ("u", "v")),
            "step": ({"for": {name: "widths", f"p{depth}": [1, self.number(names), 2]}}, (name, f"p{depth}")),
        }[how]
        if self.random.random() < 0.6:
            index = self.random.choice(("i", f"i{depth}"))
            given, more = {**given, "index": index}, (*more, index)
        return {**given, "layers": self.body(depth + 1, (*names, *more))}

    def number(self, names: tuple[str, ...]) -> Any:
        """Draw a whole number from 1 up, or an expression of one."""
        if not names or self.random.random() < 0.2:
            return self.random.choice([1, 2, 5, *_FIRST])
        one, other = self.random.choice(names), self.random.choice(names)
        forms = ("{0} + 1", "2 ** min({0}, 4)", "widths[{0} % 3]", "{0} + {1} + 1", "{0} + 2 if {0} in widths else 3")
        return self.random.choice(forms).format(one, other)

    def condition(self, names: tuple[str, ...]) -> str:
        one = self.random.choice((*names, "width"))
        forms = ("flag", "not flag", "off or {0} > 1", "{0} % 2 == 0", "{0} in [0, 3, 4]", "0 < {0} <= 2 and flag")
        return self.random.choice(forms).format(one)


def unrolled(statements: list[Any], names: Mapping[str, Any]) -> list[Any]:
    """Write statements out, each expression evaluated by Python."""
    found: list[Any] = []
    for statement in statements:
        ((kind, fields),) = statement.items()
        if not _value(fields.get("when", True), names):
            continue
        if kind == "dense":
            found.append({"dense": _value(fields["units"], names)})
            continue
        for turn, more in enumerate(_turns(fields, names)):
            counter = {fields["index"]: turn} if "index" in fields else {}
            found += unrolled(fields["layers"], {**names, **more, **counter})
    return found


def _turns(fields: Mapping[str, Any], names: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "times" in fields:
        return [{}] * _value(fields["times"], names)
    if isinstance(fields["for"], str):
        return list(names[fields["for"]])
    lists = []
    for key, written in fields["for"].items():
        values = names[written] if isinstance(written, str) else [_value(item, names) for item in written]
        several = key.split(", ")
        lists.append([dict(zip(several, value if len(several) > 1 else [value], strict=True)) for value in values])
    return [{name: value for row in rows for name, value in row.items()} for rows in zip(*lists, strict=True)]


def _value(written: Any, names: Mapping[str, Any]) -> Any:
    return eval(written, {"min": min, "max": max, "len": len}, dict(names)) if isinstance(written, str) else written
