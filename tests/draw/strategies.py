"""Random specs as YAML text, valid by construction: every layer kind and every statement of the language.

A :class:`Draft` draws groups of statements and follows the shape with the layers' own ``output_shape``; what changes it
(conv, pools, reshape, …) is drawn to fit what it is given. Inputs are at most 12×12×8 or 5×5×5×8. Hypothesis draws a
seed and a length: smaller lengths cut groups off the end, so a failing spec is shortened and otherwise kept.
"""

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from costlens.arithmetic.shapes import Shape, elements
from costlens.errors import ShapeError
from costlens.network.layers import layer_kind, layer_names
from tests.draw.strategy_fields import (
    CONVOLUTIONS,
    FITS,
    FITTED,
    convolution_fields,
    divisors,
    fields_for,
    filters,
    options,
    sometimes,
    typed_fields,
)

Statement = Any
"""A bare word or a mapping with one key."""
Group = list[Statement]
JOINS = tuple(name for name in layer_names() if layer_kind(name).joins())
RECURRENT = ("lstm", "gru", "simple_rnn")
COMPOSITES = ("repeat", "residual", "branches", "shared", "unit")
STATEMENTS = (*(name for name in layer_names() if name != "embedding"), *CONVOLUTIONS[1:], *COMPOSITES)
SPATIAL = {"depthwise", "conv_transpose", "max_pool", "avg_pool", "pad", "crop", "upsample", "resize", "squeeze_excite",
           "depth_to_space", "space_to_depth", "instance_norm", "stats_pool", *CONVOLUTIONS, *COMPOSITES}  # fmt: skip
KEEPING = ("batch_norm", "layer_norm", "relu", "gelu", "tanh", "leaky_relu", "dropout", "depthwise", "squeeze_excite",
           "hard_sigmoid", "channel_shuffle", "sub_spectral_norm", *CONVOLUTIONS)  # fmt: skip
BEFORE: dict[str, Group] = {
    "exp": ["tanh"],
    "log": ["relu"],
    "power": ["relu", {"maximum": 0.25}],
    "sqrt": ["relu", {"maximum": 0.25}],
    "square": ["tanh"],
}
"""What keeps the values of a kind's input where it has one and does not make rounding errors large."""
CHANGING: dict[str, Callable[[Shape], bool]] = {
    "split": lambda shape: max(shape) > 1,
    "matmul": lambda shape: len(shape) > 1,
    "attention": lambda shape: len(shape) > 1,
    **dict.fromkeys(RECURRENT, lambda shape: True),
}
"""Kinds that do not leave a shape as it is, and which shapes they take."""
_MOST_VALUES = 4000


def specs(first: str | None = None, least: int = 0) -> st.SearchStrategy[str]:
    """Draw the YAML text of a valid spec of ``least`` + 1 groups or more; the first is for a kind, where that fits."""
    return st.builds(spec_text, st.integers(0, 2**32 - 1), st.integers(least, 6), st.just(first))


def spec_text(seed: int, length: int, first: str | None = None) -> str:
    """Write the spec of a seed; a smaller length has fewer statements, the others as they were."""
    draft = Draft(Random(seed if first is None else f"{first} {seed}"), embeds=first == "embedding")
    groups = draft.groups(length, first)
    parts = (groups[:1], groups[1:]) if draft.random.random() < 0.3 else None
    lines = [f"{key}: {flow(value)}" for key, value in draft.document(groups).items()]
    if parts is None:
        lines += ["layers:", *(f"- {flow(statement)}" for group in groups for statement in group)]
    else:
        lines.append("sections:")
        for title, part in zip(("stem", "body"), parts, strict=True):
            lines += [f"  {title}:", *(f"  - {flow(statement)}" for group in part for statement in group)]
    return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """Write a value as YAML on one line, words without quotes."""
    match value:
        case dict():
            return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case str() if re.fullmatch(r"[A-Za-z_][\w.]*", value):
            return value
        case _:
            return json.dumps(value)


def takes(kind: str, shape: Shape) -> bool:
    """Say whether a kind whose fields need not fit the shape takes it."""
    try:
        layer_kind(kind)(**typed_fields(Random(0), kind)).output_shape(shape)
    except ShapeError:
        return False
    return True


class Draft:
    """One spec being drawn: its inputs, knob, block and defaults, and the names used so far."""

    def __init__(self, random: Random, *, embeds: bool = False) -> None:
        self.random = random
        axes = random.choice([1, 2, 2, 3])
        self.sizes = [random.randint(2, 12 if axes < 3 else 5) for _ in range(axes)]
        self.shape: Shape = (*self.sizes, random.randint(1, 8))
        self.two_inputs = random.random() < 0.2 and not embeds
        self.tokens = 0
        if embeds or not (self.two_inputs or random.random() < 0.8):
            self.tokens = random.choice(divisors(self.shape[-1]))
        self.knob = random.choice([None, None, 1, 2, 3, 4])
        self.block = random.choice([kind for kind in CONVOLUTIONS if filters(kind, (*self.sizes, 4))])
        self.defaults = random.choice([{}, {}, {"bias": False, "norm": "batch"}, {"activation": "relu"}])
        self.names: list[str] = []
        self.outputs: list[str] = []

    def groups(self, length: int, first: str | None = None) -> list[Group]:
        """Draw the statements: an opening that reads the inputs, ``length`` + 1 groups, and a layer called last."""
        shape, made = self.shape, []
        if self.two_inputs:
            sides = [self.name(), self.name()]
            opening = [
                *self.keeping(shape, **{"from": "left"}, name=sides[0]),
                *self.keeping(shape, **{"from": "right"}, name=sides[1]),
            ]
            join = self.random.choice([join for join in JOINS if join != "divide"])
            made.append([*opening, {join: {"from": sides}}])
            shape = layer_kind(join)().output_shape(shape, shape)
        if self.tokens:
            made.append(self.embedded(shape))
        for place in range(length + 1):
            kind = first if first in STATEMENTS and not place else self.random.choice(STATEMENTS)
            group, shape = self.group(kind, shape)
            made.append(group)
        last, _ = self.layer(self.random.choice(["dense", "relu", "softmax"]), shape, name="last")
        return [*made, [last]]

    def document(self, groups: list[Group]) -> dict[str, Any]:
        """Return the top of the spec."""
        shape = [self.number(size) for size in self.sizes] + [self.shape[-1]]
        top: dict[str, Any] = {"name": "random"}
        if self.knob is not None:
            top["knobs"] = {"width": self.knob}
        if self.tokens:
            top["inputs"] = {"left": shape, "tokens": [self.tokens]}
        else:
            top |= {"inputs": {"left": shape, "right": shape}} if self.two_inputs else {"input": shape}
        if self.defaults:
            top["defaults"] = {"conv": self.defaults}
        if any(isinstance(statement, dict) and "unit" in statement for group in groups for statement in group):
            site = {self.block: {"filters": "filters", "kernel": 3, "stride": "stride", "padding": "same"}}
            top["blocks"] = {"unit": {"params": {"filters": "required", "stride": 1}, "layers": [site, "silu"]}}
        if self.outputs and self.random.random() < 0.5:
            top["outputs"] = [self.random.choice(self.outputs), "last"]
        return top

    def name(self) -> str:
        """Return a new name."""
        self.names.append(f"n{len(self.names) + 1}")
        return self.names[-1]

    def number(self, value: int) -> int | str:
        """Write a number, or an expression of the knob that has its value."""
        if self.knob is None:
            return value
        forms = (f"width + {value - self.knob}", f"width * {value} // {self.knob}", f"max({value}, width - 9)")
        return self.random.choice([value, *forms])

    def layer(self, kind: str, shape: Shape, *, keep: bool = False, **extra: Any) -> tuple[Statement, Shape]:
        """Draw one layer that fits the shape; with ``keep`` one that leaves the shape as it is."""
        if kind in CONVOLUTIONS:
            made_as, drawn = "conv", convolution_fields(self.random, kind, shape, keep=keep)
        else:
            made_as, drawn = kind, fields_for(self.random, kind, shape, keep=keep)
        out = layer_kind(made_as)(**drawn).output_shape(shape)
        fields = {**drawn, **options(self.random, kind), **extra}
        fields |= {size: self.number(fields[size]) for size in ("filters", "units") if size in fields}
        if not fields:
            return self.random.choice([kind, {kind: {}}]), out
        if set(fields) == {layer_kind(made_as).shorthand} and self.random.random() < 0.7:
            return {kind: next(iter(fields.values()))}, out
        return {kind: fields}, out

    def keeping(self, shape: Shape, *, least: int = 1, most: int = 1, **extra: Any) -> Group:
        """Draw layers that leave the shape as it is; the last one takes the extra fields."""
        kinds = [kind for kind in KEEPING if self.fits(kind, shape, keep=True)]
        count = self.random.randint(least, most)
        return [
            self.layer(self.random.choice(kinds), shape, keep=True, **(extra if i == count - 1 else {}))[0]
            for i in range(count)
        ]

    def fits(self, kind: str, shape: Shape, *, keep: bool = False) -> bool:
        """Say whether a kind takes inputs of this shape, and with ``keep`` whether it can leave it as it is."""
        if kind == "sub_spectral_norm":
            return len(shape) == 3
        if kind in CHANGING:
            return not keep and CHANGING[kind](shape)
        if kind in FITS and (len(shape) < 2 or not FITS[kind](shape)):
            return False
        if kind in SPATIAL and len(shape) not in (2, 3, 4):
            return False
        if kind not in CONVOLUTIONS[1:] and kind != "unit":
            return kind in (*FITTED, *JOINS, *CONVOLUTIONS, *COMPOSITES) or takes(kind, shape)
        known = filters(self.block if kind == "unit" else kind, shape)
        return shape[-1] in known if keep else bool(known)

    def group(self, kind: str, shape: Shape) -> tuple[Group, Shape]:
        """Draw the statements for one kind; a dense layer where the kind does not fit the shape or makes it large.

        Where the kind fits four channels only, it stands behind a dense layer that makes them, and where it fits
        spatial axes only, behind a reshape.
        """
        four, spatial = (*shape[:-1], 4), (elements(shape) // shape[-1], 1, shape[-1])
        if not self.fits(kind, shape):
            for before, taken in (({"dense": 4}, four), ({"reshape": list(spatial)}, spatial)):
                if self.fits(kind, taken) and elements(taken) <= _MOST_VALUES:
                    group, out = self.group(kind, taken)
                    return [before, *group], out
            kind = "dense"
        outputs = list(self.outputs)
        if kind in COMPOSITES:
            composite: Callable[[Shape], tuple[Group, Shape]] = getattr(self, kind)
            group, out = composite(shape)
        elif kind in JOINS:
            group, out = self.joined(kind, shape)
        elif kind == "split":
            group, out = self.split(shape)
        elif kind == "matmul":
            group, out = self.matmul(shape)
        else:
            before, taken = self.before(kind, shape)
            statement, out = self.layer(kind, taken)
            group = [*before, statement]
            if kind in RECURRENT and self.random.random() < 0.3:
                group, out = self.carried(kind, group, taken)
        if elements(out) <= _MOST_VALUES:
            return group, out
        self.outputs = outputs
        statement, out = self.layer("dense", shape)
        return [statement], out

    def before(self, kind: str, shape: Shape) -> tuple[Group, Shape]:
        """Return what makes a tensor one that the kind takes: nothing below 0, a waveform, a sequence."""
        match kind:
            case "stft":
                return ["flatten"], (elements(shape),)
            case "space_to_depth":
                sizes = [size + size % 2 for size in shape[:-1]]
                return [{"resize": {"size": sizes}}], (*sizes, shape[-1])
            case "lstm" | "gru" | "simple_rnn" if len(shape) != 2:
                return [{"reshape": [-1, shape[-1]]}], (elements(shape) // shape[-1], shape[-1])
            case "frame":
                return [{"reshape": [-1, shape[-1]]}], (elements(shape) // shape[-1], shape[-1])
        return [*BEFORE.get(kind, [])], shape

    def joined(self, join: str, shape: Shape) -> tuple[Group, Shape]:
        """Draw two named layers, the second behind the first, and a join that reads both."""
        first, second, joined = self.name(), self.name(), self.name()
        axis = {"axis": self.random.randint(-len(shape), len(shape) - 1)} if join == "concat" else {}
        axis = sometimes(self.random, axis)
        if layer_kind(join).alone_with and self.random.random() < 0.3:
            return [{join: self.random.choice([-2, 0.5, 4])}], shape
        if join == "divide":
            group = [*self.keeping(shape, name=first), "sigmoid", {"maximum": {"value": 0.25, "name": second}}]
        else:
            group = [*self.keeping(shape, name=first), *self.keeping(shape, name=second)]
        if join not in ("concat", "divide") and len(shape) in (2, 3, 4) and self.random.random() < 0.4:
            sizes = [self.random.choice([1, size]) for size in shape[:-1]]
            group.append({"avg_pool": {"name": (narrow := self.name()), "kernel": sizes, "stride": 1}})
            sides = [first, narrow]
            self.random.shuffle(sides)
        else:
            sides = [first, second]
        self.outputs += [first, joined]
        out = layer_kind(join)(**axis).output_shape(shape, shape)
        return [*group, {join: {"name": joined, "from": sides, **axis}}], out

    def split(self, shape: Shape) -> tuple[Group, Shape]:
        """Draw a split, and sometimes a layer that reads its last part."""
        fields = fields_for(self.random, "split", shape, keep=False)
        layer = layer_kind("split")(**fields)
        further = layer.more_outputs(shape)
        if self.random.random() < 0.3:
            return [{"split": fields}], layer.output_shape(shape)
        name, (part, out) = self.name(), list(further.items())[-1]
        return [{"split": {**fields, "name": name}}, *self.keeping(out, **{"from": f"{name}.{part}"})], out

    def carried(self, kind: str, before: Group, shape: Shape) -> tuple[Group, Shape]:
        """Draw two recurrent layers that read one tensor, the second from the states that the first one left."""
        read, first = self.name(), self.name()
        units = {"units": self.random.randint(1, 4)}
        layer = layer_kind(kind)(**units)
        states = [f"{first}.{state}" for state in layer.states]
        start = {kind: {**units, "name": first, "from": read, "return_state": True}}
        go_on = {kind: {**units, "from": [read, *states]}}
        return [*before[:-1], *self.keeping(shape, name=read), start, go_on], layer.output_shape(shape)

    def matmul(self, shape: Shape) -> tuple[Group, Shape]:
        """Draw two layers of one shape, and the product of one with the other transposed."""
        sides = [self.name(), self.name()]
        group = [statement for name in sides for statement in self.keeping(shape, name=name)]
        fields = {f"transpose_{self.random.choice('ab')}": True} | sometimes(self.random, {"scale": 0.25})
        out = layer_kind("matmul")(**fields).output_shape(shape, shape)
        return [*group, {"matmul": {"from": sides, **fields}}], out

    def embedded(self, shape: Shape) -> Group:
        """Draw an opening that reads an input and one of tokens, whose vectors are added to each position."""
        sides = [self.name(), self.name()]
        table = {"from": "tokens", "size": self.random.randint(1, 9), "units": shape[-1] // self.tokens}
        return [
            *self.keeping(shape, **{"from": "left"}, name=sides[0]),
            {"embedding": table},
            {"reshape": {"shape": [*[1] * (len(shape) - 1), shape[-1]], "name": sides[1]}},
            {"add": {"from": sides}},
        ]

    def projection(self, shape: Shape, filters: int, stride: int, kernel: int) -> tuple[Statement, Shape]:
        """Draw a same-padded convolution; two with equal filters and stride have equal outputs."""
        fields = {"filters": filters, "kernel": kernel, "stride": stride, "padding": "same"}
        out = layer_kind("conv")(**fields).output_shape(shape)
        return {"conv": {**fields, "filters": self.number(filters), **options(self.random, "conv")}}, out

    def residual(self, shape: Shape) -> tuple[Group, Shape]:
        """Draw a residual with the identity or a projection as its shortcut."""
        fields: dict[str, Any] = {}
        if self.random.random() < 0.5:
            fields["body"] = self.keeping(shape, most=2)
            fields |= sometimes(self.random, {"shortcut": []})
            out = shape
        else:
            filters, stride = self.random.randint(1, 6), self.random.randint(1, 2)
            body, out = self.projection(shape, filters, stride, 3)
            fields["body"] = [body, *self.keeping(out, least=0)]
            fields["shortcut"] = [self.projection(shape, filters, stride, 1)[0]]
        fields |= sometimes(self.random, {"activation": "relu"}) | sometimes(self.random, {"join": "add"})
        if self.random.random() < 0.5:
            fields["name"] = self.name()
            self.outputs.append(fields["name"])
        return [{"residual": fields}], out

    def branches(self, shape: Shape) -> tuple[Group, Shape]:
        """Draw two or three paths and their join; the first may be the identity."""
        join = self.random.choice(JOINS)
        paths: list[Group] = []
        ends: list[Shape] = []
        for i in range(self.random.randint(2, 3)):
            path, end = self.keeping(shape, most=2), shape
            if join == "concat":
                statement, end = self.projection(shape, self.random.randint(1, 4), 1, self.random.randint(1, 3))
                path = [statement, *self.keeping(end, least=0)]
            if i == 0 and self.random.random() < 0.3:
                path, end = [], shape
            if i and join == "divide":
                path += ["sigmoid", {"maximum": 0.25}]
            paths.append(path)
            ends.append(end)
        short = join == "concat" and self.random.random() < 0.5
        out = layer_kind(join)().output_shape(*ends)
        return [{"branches": paths if short else {"paths": paths, "join": join}}], out

    def repeat(self, shape: Shape) -> tuple[Group, Shape]:
        """Draw a convolution that takes its own output, and layers that keep the shape, several times.

        Its dilation may be a counter's or a list's, and a layer may be there in some turns only.
        """
        statement, out = self.projection(shape, self.random.randint(1, 6), 1, 3)
        body = [statement, *self.keeping(out, least=0)]
        turns = self.random.randint(1, 3)
        given, dilation = self.random.choice([
            ({"times": turns}, None),
            ({"times": turns, "index": "i"}, "i + 1"),
            ({"for": {"d": [self.random.randint(1, 3) for _ in range(turns)]}, "index": "i"}, "d"),
            ({"for": {"d, e": [[self.random.randint(1, 2), 1] for _ in range(turns)]}, "index": "i"}, "max(d, e)"),
        ])  # fmt: skip
        if dilation:
            statement["conv"]["dilation"] = dilation
            body += [{"silu": {"when": self.random.choice(["i > 0", "i == 0", "i in [0, 2]", "not i % 2"])}}]
        named = sometimes(self.random, {"name": self.name()})
        return [{"repeat": {**given, "layers": body, **named}}], out

    def shared(self, shape: Shape) -> tuple[Group, Shape]:
        """Draw a layer that keeps the shape, and the same layer again behind it with the same weights."""
        name = self.name()
        (first,) = self.keeping(shape, name=name)
        again = self.random.choice([{"shared": name}, {next(iter(first)): {"shared": name}}])
        return [first, again], shape

    def unit(self, shape: Shape) -> tuple[Group, Shape]:
        """Call the spec's block: a 3×3 convolution of its kind, then an activation."""
        number, stride = self.random.choice(filters(self.block, shape)), self.random.randint(1, 2)
        fields = {"filters": self.number(number)} | ({"stride": stride} if stride > 1 else {})
        return [{"unit": fields}], layer_kind("conv")(filters=number, kernel=3, stride=stride).output_shape(shape)
