"""A spec's statements once read: what is written, checked for what needs no values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from costlens.network.layers import Layer
from costlens.spec.tree import Place, Scalar, Tree


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a field and where it is written; one from ``defaults`` sees the knobs alone."""

    value: Tree
    path: str
    is_default: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """What every statement has: its place, its kind as written, its name and what it reads instead of the previous.

    ``when`` is the condition under which it is there at all.
    """

    at: Place
    kind: str
    name: str | None
    sources: tuple[Scalar, ...]
    when: Given | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class WithLayer(Statement):
    """A statement whose output is that of a layer, with the values given for it."""

    layer: type[Layer]
    fields: Mapping[str, Given]
    norm: Given | None = None
    activation: Given | None = None
    fixed: Given | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LayerStatement(WithLayer):
    """A layer; ``convolution`` is its kind of convolution where the variants may rewrite it.

    ``like`` names a tensor whose spatial sizes it makes its input's.
    One that is not ``sound`` has had a problem reported: its values are still looked at, its output is unknown.
    """

    convolution: str = ""
    sound: bool = True
    like: Scalar | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Branches(WithLayer):
    """Paths from one tensor, joined by a layer; a residual is a body and a shortcut. An empty path is the identity.

    ``paths`` are named ``path1``…; those of a residual (``flat``) share one scope.
    """

    paths: tuple[tuple[Statement, ...], ...] = ()
    flat: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Repeat(Statement):
    """A body that is repeated: a number of times, or once for each element of lists, each by its names.

    ``each`` holds names and a list: one name stands for an element, several for the parts of one, none for the names
    that the elements themselves give. ``index`` is the name of the counter, from 0. ``shared`` says whether every
    turn uses the weights of the first.
    """

    times: Tree | None
    each: tuple[tuple[tuple[str, ...], Tree], ...]
    index: str | None
    body: tuple[Statement, ...]
    shared: Given | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Call(Statement):
    """A block with its arguments."""

    arguments: Mapping[str, Tree]


@dataclass(frozen=True, slots=True, eq=False)
class Share(Statement):
    """An earlier layer or block call again, with its fields and its weights."""

    of: Scalar


@dataclass(frozen=True, slots=True, eq=False)
class Broken(Statement):
    """A statement with a problem that has been reported: its output is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A named body with parameters; None stands for a required one."""

    name: str
    at: Place
    parameters: Mapping[str, Tree | None]
    body: tuple[Statement, ...]

    @property
    def lends_name(self) -> bool:
        """Whether the call's name goes to the only statement of the body, without a level of its own."""
        return len(self.body) == 1 and self.body[0].name is None and not isinstance(self.body[0], Repeat)


def walk(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """Yield the statements of a body and of all bodies inside, in document order."""
    for statement in body:
        yield statement
        if isinstance(statement, Repeat):
            yield from walk(statement.body)
        for path in statement.paths if isinstance(statement, Branches) else ():
            yield from walk(path)


def names_in(body: tuple[Statement, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names given in the scope of a body: those given once, and those numbered by a repeat."""
    once = {statement.name for statement in body if statement.name}
    numbered: set[str] = set()
    for statement in body:
        if isinstance(statement, Repeat) and statement.name is None:
            inner, counted = names_in(statement.body)
            numbered |= inner | counted
    return frozenset(once), frozenset(numbered)
