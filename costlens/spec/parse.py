"""Tree → statements: everything that can be checked without knowing a value, each problem once."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard

from costlens.network.layers import Layer
from costlens.spec import elsewhere, language, tree
from costlens.spec.expressions import FUNCTIONS
from costlens.spec.fields import written_fields
from costlens.spec.problems import Problems
from costlens.spec.statements import Branches, Broken, Call, Given, LayerStatement, Repeat, Share, Statement
from costlens.spec.tree import Entry, Place, Scalar, Tree

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
NAME_EXPECTED = "expected at most 100 letters, digits and _, a letter first"
Fields = dict[str, Entry]
Defaults = Mapping[str, Mapping[str, Given]]
Parameters = Mapping[str, Tree | None]
"""The parameters of a block with their defaults; None stands for a required one."""
_NEEDED = {"repeat": ("layers",), "residual": ("body",), "branches": ("paths",), "shared": ("of",)}
_FOR = "expected lists by name, such as {dilation: [1, 2, 4]}"
Each = tuple[tuple[tuple[str, ...], Tree], ...]
_JOINS = {"residual": "add", "branches": "concat"}


@dataclass(frozen=True, slots=True)
class Parser:
    """Reads statements; knows the defaults by kind and each block's parameters."""

    problems: Problems
    defaults: Defaults
    blocks: Mapping[str, Parameters]

    def body(self, given: Tree, path: str, *, may_be_empty: bool = False) -> tuple[Statement, ...]:
        """Read a list of statements."""
        if not isinstance(given, tree.Sequence):
            self.problems.add(given, path, f"expected a list of layers, received {tree.what(given)}")
            return (Broken(tree.place_of(given, path), "", None, ()),)
        if not given.items and not may_be_empty:
            self.problems.add(given, path, "expected at least one layer")
        return tuple(self.statement(item, f"{path}[{index}]") for index, item in enumerate(given.items))

    def statement(self, given: Tree, path: str) -> Statement:
        """Read one statement: a bare word, or a mapping with one key."""
        if isinstance(given, Scalar) and isinstance(given.value, str):
            return self._of_kind(given, given.value, None, path)
        if isinstance(given, tree.Mapping) and len(given.entries) == 1:
            ((word, entry),) = given.entries.items()
            return self._of_kind(entry, word, entry.value, path)
        if isinstance(given, tree.Mapping) and given.entries:
            message = f"expected one layer, received the keys {', '.join(list(given.entries)[:5])}; {_together(given)}"
        else:
            message = f"expected a layer such as relu or conv: {{…}}, received {tree.show(given)}"
        self.problems.add(given, path, message)
        return Broken(tree.place_of(given, path), "", None, ())

    def _of_kind(self, where: Scalar | Entry, word: str, value: Tree | None, path: str) -> Statement:
        at = tree.place_of(where, f"{path}.{tree.shorten(word)}")
        if tree.is_nothing(value):
            value = None
        read = self._reader(word)
        if read:
            statement = read(at, word, value)
            return self._conditional(statement, value.entries["when"]) if _has_condition(value) else statement
        known = (*self.blocks, *sorted(language.words()))
        guess = elsewhere.layer(word, known) or elsewhere.guess(word, known, "; costlens kinds lists what there is")
        self.problems.add(at, path, f"{tree.shorten(word)}: unknown layer or block{guess}")
        return Broken(at, word, _name_in(value), ())

    def _reader(self, word: str) -> Callable[[Place, str, Tree | None], Statement] | None:
        if word in self.blocks:
            return self._call
        if word in language.STRUCTURES:
            return self._structure
        return self._layer if word in language.words() else None

    def _conditional(self, statement: Statement, when: Entry) -> Statement:
        """Give a statement its condition."""
        if isinstance(when.value, Scalar) and when.value.value is not None:
            return replace(statement, when=Given(when.value, statement.at.path))
        expected = "expected a condition, such as use_se or stride == 1 and i > 0"
        self.problems.add(when.value, statement.at.path, f"when: {expected}, received {tree.show(when.value)}")
        return statement

    def _layer(self, at: Place, word: str, value: Tree | None) -> Statement:
        kind = language.kind(word)
        layer, known = kind.layer, kind.fields
        fields = written_fields(layer, value)
        if fields is None:
            takes = f"takes {', '.join(known)}" if layer.fields() else "takes no value"
            told = layer.advice or f"{word} {takes}"
            self.problems.add(value or at, at.path, f"expected fields, received {tree.show(value)}; {told}")
            return Broken(at, word, None, ())
        if language.SHARED in fields:
            return self._share(at, word, fields, known)
        before = len(self.problems)
        shared = self.defaults.get(language.CONVOLUTION, {}) if kind.takes_convolution_defaults else {}
        defaults = {**shared, **self.defaults.get(word, {})}
        given = {name: default for name, default in defaults.items() if name in known}
        needed = {
            field: f"{word} needs it ({info.description})"
            for field, info in layer.fields().items()
            if info.required and field not in given and not (field == layer.fits_by and language.LIKE in fields)
        }
        if any(elsewhere.field(word, field, known) == (language.SHARED, "") for field in fields.keys() - known):
            needed = {}
        self._check(at, word, fields, known, needed)
        given |= {name: Given(entry.value, at.path) for name, entry in fields.items() if name in known}
        name, sources = self._name_and_sources(at, fields)
        several = len(sources) != 1  # one name may be that of a list
        if several and (wrong := wrong_number(word, layer, given, len(sources))):
            self.problems.add(at, at.path, wrong)
        own = {name: given[name] for name in layer.fields() if name in given}
        extra = (given.get("norm"), given.get("activation"), given.get("fixed"))
        like = self._like(at, layer, fields)
        sound = len(self.problems) == before
        return LayerStatement(at, word, name, sources, layer, own, *extra, kind.convolution, sound, like)

    def _like(self, at: Place, layer: type[Layer], fields: Fields) -> Scalar | None:
        """Read the name of the tensor whose sizes a layer makes its input's."""
        if not layer.fits_by or language.LIKE not in fields:
            return None
        if layer.fits_by in fields:
            said = f"like: {layer.fits_by} is there, too; keep one of the two"
            self.problems.add(fields[language.LIKE], at.path, said)
        names = references(fields[language.LIKE].value, at.path, self.problems, language.LIKE)
        if len(names) > 1:
            self.problems.add(fields[language.LIKE].value, at.path, "like: expected one name, received several")
        return names[0] if len(names) == 1 else None

    def _structure(self, at: Place, word: str, value: Tree | None) -> Statement:
        """Read a statement that holds others."""
        listed = f"{at.path}.paths"
        if word == "branches" and isinstance(value, tree.Sequence):
            listed = at.path
            value = tree.Mapping(value.line, value.column, {"paths": Entry(at.line, at.column, value)})
        if word == language.SHARED and isinstance(value, Scalar):
            value = tree.Mapping(value.line, value.column, {"of": Entry(at.line, at.column, value)})
        fields = self._structure_fields(at, word, value)
        if fields is None:
            return Broken(at, word, _name_in(value), ())
        if word == language.SHARED:
            return self._again(at, word, fields, fields["of"].value)
        name, sources = self._name_and_sources(at, fields, one=True)
        if word == "repeat":
            times, each, index = self._turns(at, fields)
            body = self.body(fields["layers"].value, f"{at.path}.layers")
            if times is None and each is None:
                return Broken(at, word, name, ())
            shared = Given(fields["shared"].value, at.path) if "shared" in fields else None
            return Repeat(at, word, name, sources, times, each or (), index, body, shared)
        join = self._join(at, fields, _JOINS[word])
        paths = self._sides(at, fields) if word == "residual" else self._paths(fields["paths"].value, listed)
        own = language.STRUCTURES[word].keys() & fields.keys() & {"axis", "activation"}
        given = {name: Given(fields[name].value, at.path) for name in own}
        if join and paths and "axis" in given and "axis" not in join.fields():
            self.problems.add(fields["axis"], at.path, f"axis: {join.kind()} has none; only concat is along an axis")
            join = None
        if join is None or not paths:
            return Broken(at, word, name, ())
        activation, flat = given.pop("activation", None), word == "residual"
        return Branches(at, word, name, sources, join, given, activation=activation, paths=paths, flat=flat)

    def _turns(self, at: Place, fields: Fields) -> tuple[Tree | None, Each | None, str | None]:
        """Read how often a repeat repeats: a number, or lists with the names of their elements; and its counter."""
        times, each, index = fields.get("times"), fields.get("for"), fields.get("index")
        if times and each:
            self.problems.add(each, at.path, "for: times is there already; keep one of the two")
        read = self._each(at, each.value) if each else None
        return (times.value if times and not each else None), read, self._counter(at, index, read or ())

    def _counter(self, at: Place, index: Entry | None, each: Each) -> str | None:
        if index is None:
            return None
        name = tree.word_of(index.value)
        if not name:
            self.problems.add(index.value, at.path, f"index: expected a name, received {tree.show(index.value)}")
            return None
        twice = "a name of for: here; choose another" if any(name in names for names, _ in each) else ""
        return name if is_name(name, index, at.path, self.problems, twice or taken(name)) else None

    def _each(self, at: Place, given: Tree) -> Each | None:
        """Read ``for``: lists by the names of their elements, or rows that have names; None where it is wrong."""
        if not isinstance(given, tree.Mapping):
            if not tree.is_nothing(given) and (isinstance(given, tree.Sequence) or isinstance(given.value, str)):
                return (((), given),)
            received = tree.show(given)
            self.problems.add(given, at.path, f"for: {_FOR}, received {received}")
            return None
        found: list[tuple[tuple[str, ...], Tree]] = []
        before, seen = len(self.problems), set[str]()
        for key, entry in given.entries.items():
            names = tuple(name.strip() for name in key.split(","))
            for name in () if tree.is_nothing(entry.value) else names:
                twice = "stands twice; choose another" if name in seen else ""
                is_name(name, entry, at.path, self.problems, twice or taken(name))
                seen.add(name)
            if tree.is_nothing(entry.value):
                together = ", ".join([*given.entries][len(found) :])
                quoted = f"; several names stand in quotes: {{'{together}': ROWS}}" if "," in together else ""
                self.problems.add(entry, at.path, f"for: {tree.shorten(key)}: no list given{quoted}")
            found.append((names, entry.value))
        if not found:
            self.problems.add(given, at.path, f"for: {_FOR}, received an empty mapping")
        return tuple(found) if len(self.problems) == before else None

    def _structure_fields(self, at: Place, word: str, value: Tree | None) -> Fields | None:
        known = (*language.STRUCTURES[word], *language.EVERY_STATEMENT)
        if not isinstance(value, tree.Mapping):
            message = f"expected fields, received {tree.show(value)}; {word} takes {', '.join(known)}"
            self.problems.add(value or at, at.path, message)
            return None
        has_unknown = not value.entries.keys() <= set(known)
        needed = {} if has_unknown else dict.fromkeys(_NEEDED[word], f"{word} needs it")
        self._check(at, word, value.entries, known, needed)
        fields = value.entries
        if word == "repeat" and fields.keys().isdisjoint(("times", "for")):
            if not has_unknown:
                self.problems.add(at, at.path, "times: missing; repeat needs it, or for: {NAME: [VALUES]}")
            return None
        return fields if fields.keys() >= set(_NEEDED[word]) else None

    def _share(self, at: Place, word: str, fields: Fields, known: Collection[str]) -> Statement:
        """Read a layer or a block call that runs an earlier one again: all but its name and its input is known."""
        before, of = len(self.problems), fields[language.SHARED].value
        self._check(at, word, fields, known, {})
        given = fields.keys() & set(known).difference(language.EVERY_STATEMENT, (language.SHARED,))
        for name in given if tree.word_of(of) else ():
            said = f"{name}: is that of {tree.show(of)}, whose weights are used again; leave it out"
            self.problems.add(fields[name], at.path, said)
        made = self._again(at, word, fields, of)
        return Broken(at, word, made.name, ()) if len(self.problems) > before else made

    def _again(self, at: Place, word: str, fields: Fields, of: Tree) -> Statement:
        name, sources = self._name_and_sources(at, fields)
        if isinstance(of, Scalar) and isinstance(of.value, str):
            return Share(at, word, name, sources, of)
        expected = "expected the name of a layer or of a block call"
        self.problems.add(of, at.path, f"shared: {expected}, received {tree.show(of)}")
        return Broken(at, word, name, ())

    def _sides(self, at: Place, fields: Fields) -> tuple[tuple[Statement, ...], ...]:
        """Read the body and the shortcut of a residual."""
        body, shortcut = self.body(fields["body"].value, f"{at.path}.body"), fields.get("shortcut")
        if shortcut is None or tree.is_nothing(shortcut.value):
            return body, ()
        return body, self.body(shortcut.value, f"{at.path}.shortcut", may_be_empty=True)

    def _paths(self, given: Tree, path: str) -> tuple[tuple[Statement, ...], ...]:
        """Read the paths of branches; none where they are not two lists or more."""
        if isinstance(given, tree.Sequence) and len(given.items) > 1:
            items = enumerate(given.items)
            return tuple(self.body(item, f"{path}[{index}]", may_be_empty=True) for index, item in items)
        received = "one" if isinstance(given, tree.Sequence) and given.items else tree.show(given)
        self.problems.add(given, path, f"expected a list of two or more lists of layers, received {received}")
        return ()

    def _call(self, at: Place, word: str, value: Tree | None) -> Statement:
        parameters = self.blocks[word]
        known = (*parameters, *language.EVERY_STATEMENT, language.SHARED)
        if value is not None and not isinstance(value, tree.Mapping):
            message = f"expected parameters, received {tree.show(value)}; {word} takes {', '.join(known)}"
            self.problems.add(value, at.path, message)
            return Broken(at, word, None, ())
        fields = value.entries if value is not None else {}
        if language.SHARED in fields:
            return self._share(at, word, fields, known)
        before = len(self.problems)
        needed = {name: f"the block {word} needs it" for name, default in parameters.items() if default is None}
        self._check(at, word, fields, known, needed, "parameter")
        name, sources = self._name_and_sources(at, fields, one=True)
        if len(self.problems) > before:
            return Broken(at, word, name, ())
        return Call(at, word, name, sources, {key: item.value for key, item in fields.items() if key in parameters})

    def _check(
        self,
        at: Place,
        word: str,
        fields: Fields,
        known: Collection[str],
        needed: Mapping[str, str],
        noun: str = "field",
    ) -> None:
        """Note unknown fields, and needed ones that are neither given nor were probably meant."""
        meant: set[str | None] = set()
        for name, entry in fields.items():
            if name not in known:
                here = elsewhere.field(word, name, known)
                meant.add(here.ours if here else elsewhere.slip(name, known))
                guess = here or elsewhere.guess(name, known, f"; {word} takes {', '.join(known)}")
                if tree.is_nothing(entry.value) and not NAME.fullmatch(name):
                    guess = "; a text with a comma needs quotes within braces"
                self.problems.add(entry, at.path, f"{tree.shorten(name)}: unknown {noun}{guess}")
        for name, why in needed.items():
            if name not in fields and name not in meant:
                self.problems.add(at, at.path, f"{name}: missing; {why}")

    def _join(self, at: Place, fields: Fields, default: str) -> type[Layer] | None:
        given = fields["join"].value if "join" in fields else None
        word = given.text if isinstance(given, Scalar) else "" if given else default
        join = language.JOINS.layer(word)
        if join is None and given:
            known = language.JOINS.words()
            guess = elsewhere.layer(word, known) or elsewhere.guess(word, known)
            expected = f"expected {', '.join(known)}, received {tree.show(given)}"
            self.problems.add(given, at.path, f"join: {expected}{guess}")
        return join

    def _name_and_sources(
        self, at: Place, fields: Fields, *, one: bool = False
    ) -> tuple[str | None, tuple[Scalar, ...]]:
        given = fields["name"].value if "name" in fields else None
        name = tree.word_of(given) if NAME.fullmatch(tree.word_of(given)) else None
        if given and not name:
            self.problems.add(given, at.path, f"name: {NAME_EXPECTED}, received {tree.show(given)}")
        if "from" not in fields:
            return name, ()
        sources = references(fields["from"].value, at.path, self.problems, "from")
        if one and len(sources) > 1:
            self.problems.add(fields["from"].value, at.path, "from: reads one layer here; join several before it")
            return name, sources[:1]
        return name, sources


def wrong_number(word: str, layer: type[Layer], fields: Collection[str], given: int) -> str:
    """Say what is wrong with the number of tensors that a layer is to read; nothing where nothing is."""
    least, most = layer.takes_with(fields)
    if (given or 1) < least:
        wanted = "joins two or more layers" if layer.joins() else f"reads {least} layers"
        constant = f", or give a constant: {word}: 2" if layer.alone_with else ""
        return f"from: {word} {wanted}; name them: from: [{', '.join('abc'[:least])}]{constant}"
    if most == 1 < given:
        return f"from: {word} reads one layer, received {given}; join them: {', '.join(language.JOINS.words())}"
    return f"from: {word} reads at most {most} layers, received {given}" if most is not None and given > most else ""


def taken(name: str) -> str:
    """Say why no value can have a name; nothing for one that it can have."""
    is_taken = name in FUNCTIONS or name in (*language.EVERY_STATEMENT, language.SHARED)
    return "the language has this name; choose another" if is_taken else ""


def is_name(name: str, at: Entry, path: str, problems: Problems, taken: str = "") -> bool:
    """Say whether a key can be a name; note why where it cannot, as it is taken or has other characters."""
    why = taken if NAME.fullmatch(name) else NAME_EXPECTED
    if why:
        problems.add(at, path, f"{tree.shorten(name)}: {why}")
    return not why


def references(given: Tree, path: str, problems: Problems, field: str = "") -> tuple[Scalar, ...]:
    """Read one name or a list of names."""
    expected = f"{field and f'{field}: '}expected the name of a layer"
    names = []
    for item in tree.items_of(given):
        if isinstance(item, Scalar) and isinstance(item.value, str):
            names.append(item)
        else:
            problems.add(item, path, f"{expected}, received {tree.show(item)}")
    if not tree.items_of(given):
        problems.add(given, path, f"{expected}, received an empty list")
    return tuple(names)


def _together(given: tree.Mapping) -> str:
    """Say how several keys become one statement."""
    if given.entries.keys() == {"layers"} | (given.entries.keys() & {"if", "when", "name"}):
        return "a condition is a field of each layer, relu: {when: …}, or of a repeat: {times: 1, when: …, layers: […]}"
    if given.entries.keys() <= {*language.STRUCTURES["repeat"], *language.EVERY_STATEMENT}:
        listed = ", ".join(given.entries)
        return f"these are fields of repeat; write repeat: and indent {listed} below it"
    return "indent the fields below the layer's kind"


def _has_condition(value: Tree | None) -> TypeGuard[tree.Mapping]:
    return isinstance(value, tree.Mapping) and "when" in value.entries


def _name_in(value: Tree | None) -> str | None:
    """Return the name a statement seems to have, though something in it is wrong."""
    entry = value.entries.get("name") if isinstance(value, tree.Mapping) else None
    return tree.word_of(entry.value) or None if entry else None
