"""Tree → statements: everything that can be checked without knowing a value, each problem once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from costlens.errors import nearest
from costlens.network.layers import Layer
from costlens.spec import language, naming, tree
from costlens.spec.problems import Place, Problems, hint
from costlens.spec.statements import Branches, Broken, Call, Given, LayerStatement, Reference, Repeat, Statement
from costlens.spec.tree import Entry, Scalar, Tree

Fields = dict[str, Entry]
Defaults = Mapping[str, Mapping[str, Given]]


@dataclass(frozen=True, slots=True)
class Parser:
    """Reads statements; knows the defaults by kind and each block's parameters (True: required)."""

    problems: Problems
    defaults: Defaults
    blocks: Mapping[str, Mapping[str, bool]]

    def body(self, given: Tree, path: str, *, may_be_empty: bool = False) -> tuple[Statement, ...]:
        """Read a list of statements."""
        if not isinstance(given, tree.Sequence):
            self.problems.add(given, path, f"expected a list of layers, received {tree.what(given)}")
            return (Broken(Place(given.line, given.column, path), "", None, ()),)
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
            listed = language.listed(list(given.entries)[:5])
            message = f"expected one layer, received the keys {listed}; indent the fields below the layer's kind"
        else:
            message = f"expected a layer such as relu or conv: {{…}}, received {tree.show(given)}"
        self.problems.add(given, path, message)
        return Broken(Place(given.line, given.column, path), "", None, ())

    def _of_kind(self, where: Scalar | Entry, word: str, value: Tree | None, path: str) -> Statement:
        at = Place(where.line, where.column, f"{path}.{tree.shorten(word)}")
        if isinstance(value, Scalar) and value.value is None:
            value = None
        if word in self.blocks:
            return self._call(at, word, value)
        if word in language.STRUCTURES:
            read = {"repeat": self._repeat, "residual": self._residual, "branches": self._branches}[word]
            return read(at, value)
        if word in language.words():
            return self._layer(at, word, value)
        known = (*self.blocks, *sorted(language.words()))
        guess = hint(language.meant(word), known, "; costlens kinds lists what there is")
        self.problems.add(at, path, f"{tree.shorten(word)}: unknown layer or block{guess}")
        name = naming.name_in(value)
        return Broken(at, word, name, ())

    def _layer(self, at: Place, word: str, value: Tree | None) -> Statement:
        kind = language.kind(word)
        own, known = kind.own_fields, (*kind.own_fields, *kind.added_fields)
        if isinstance(value, tree.Mapping):
            fields = value.entries
        elif value is None:
            fields = {}
        elif kind.layer.shorthand:
            fields = {kind.layer.shorthand: Entry(at.line, at.column, value)}
        else:
            takes = f"takes {language.listed(known)}" if own else "takes no value"
            self.problems.add(value, at.path, f"expected fields, received {tree.show(value)}; {word} {takes}")
            return Broken(at, word, None, ())
        before = len(self.problems)
        meant = self._check_known(at, word, fields, known)
        given = self._defaults(kind, word) | {
            name: Given(entry.value, at.path) for name, entry in fields.items() if name in known
        }
        for field, info in kind.layer.fields().items():
            if field not in given and field not in meant and info.required:
                self.problems.add(at, at.path, f"{field}: missing; {word} needs it ({info.description})")
        name, sources = self._name_and_sources(fields, at.path)
        if kind.layer.joins and len(sources) < 2:  # noqa: PLR2004  # a join joins two
            self.problems.add(at, at.path, f"from: {word} joins two or more layers; name them: from: [a, b]")
        if not kind.layer.joins and len(sources) > 1:
            joins = language.listed(language.join_words())
            self.problems.add(at, at.path, f"from: {word} reads one layer, received {len(sources)}; join them: {joins}")
        own_fields = {name: given[name] for name in own if name in given}
        extra = (given.get("norm"), given.get("activation"), given.get("fixed"))
        sound = len(self.problems) == before
        return LayerStatement(at, word, name, sources, kind.layer, kind.convolution, own_fields, *extra, sound)

    def _defaults(self, kind: language.Kind, word: str) -> dict[str, Given]:
        for_all = self.defaults.get(language.CONVOLUTION, {}) if kind.takes_convolution_defaults else {}
        taken = {*kind.own_fields, *kind.added_fields}
        return {name: given for name, given in {**for_all, **self.defaults.get(word, {})}.items() if name in taken}

    def _repeat(self, at: Place, value: Tree | None) -> Statement:
        fields = self._structure(at, value, needed=("times", "layers"))
        if fields is None:
            return Broken(at, at.path.rpartition(".")[2], naming.name_in(value), ())
        name, sources = self._one_source(at, fields)
        body = self.body(fields["layers"].value, f"{at.path}.layers")
        return Repeat(at, "repeat", name, sources, fields["times"].value, body)

    def _residual(self, at: Place, value: Tree | None) -> Statement:
        fields = self._structure(at, value, needed=("body",))
        if fields is None:
            return Broken(at, "residual", naming.name_in(value), ())
        name, sources = self._one_source(at, fields)
        join = self._join(at, fields, "add")
        body = self.body(fields["body"].value, f"{at.path}.body")
        shortcut = fields.get("shortcut")
        side: tuple[Statement, ...] = ()
        if shortcut and not (isinstance(shortcut.value, Scalar) and shortcut.value.value is None):
            side = self.body(shortcut.value, f"{at.path}.shortcut", may_be_empty=True)
        if join is None:
            return Broken(at, "residual", name, ())
        activation = Given(fields["activation"].value, at.path) if "activation" in fields else None
        return Branches(at, "residual", name, sources, (body, side), join, {}, activation, flat=True)

    def _branches(self, at: Place, value: Tree | None) -> Statement:
        if isinstance(value, tree.Sequence):
            value = tree.Mapping(value.line, value.column, {"paths": Entry(at.line, at.column, value)})
            prefix = at.path
        else:
            prefix = f"{at.path}.paths"
        fields = self._structure(at, value, needed=("paths",))
        if fields is None:
            return Broken(at, "branches", naming.name_in(value), ())
        name, sources = self._one_source(at, fields)
        join = self._join(at, fields, "concat")
        listed = fields["paths"].value
        if not isinstance(listed, tree.Sequence) or len(listed.items) < 2:  # noqa: PLR2004  # one path is not a branch
            expected = "expected a list of two or more lists of layers"
            self.problems.add(listed, prefix, f"{expected}, received {_few(listed)}")
            return Broken(at, "branches", name, ())
        items = enumerate(listed.items)
        paths = tuple(self.body(item, f"{prefix}[{index}]", may_be_empty=True) for index, item in items)
        if join is None:
            return Broken(at, "branches", name, ())
        if "axis" in fields and "axis" not in join.fields():
            self.problems.add(fields["axis"], at.path, f"axis: {join.kind()} has none; only concat is along an axis")
            return Broken(at, "branches", name, ())
        axis = {"axis": Given(fields["axis"].value, at.path)} if "axis" in fields else {}
        return Branches(at, "branches", name, sources, paths, join, axis)

    def _call(self, at: Place, word: str, value: Tree | None) -> Statement:
        parameters = self.blocks[word]
        if value is not None and not isinstance(value, tree.Mapping):
            takes = language.listed((*parameters, *language.EVERY_STATEMENT))
            self.problems.add(value, at.path, f"expected parameters, received {tree.show(value)}; {word} takes {takes}")
            return Broken(at, word, None, ())
        fields = value.entries if value is not None else {}
        before = len(self.problems)
        meant = self._check_known(at, word, fields, (*parameters, *language.EVERY_STATEMENT), "parameter")
        for parameter, needed in parameters.items():
            if needed and parameter not in fields and parameter not in meant:
                self.problems.add(at, at.path, f"{parameter}: missing; the block {word} needs it")
        name, sources = self._one_source(at, fields)
        if len(self.problems) > before:
            return Broken(at, word, name, ())
        arguments = {key: entry.value for key, entry in fields.items() if key in parameters}
        return Call(at, word, name, sources, arguments)

    def _structure(self, at: Place, value: Tree | None, needed: tuple[str, ...]) -> Fields | None:
        word = at.path.rpartition(".")[2]
        known = language.structure_fields(word)
        if not isinstance(value, tree.Mapping):
            shown = "nothing" if value is None else tree.show(value)
            message = f"expected fields, received {shown}; {word} takes {language.listed(known)}"
            self.problems.add(value or at, at.path, message)
            return None
        meant = self._check_known(at, word, value.entries, known)
        missing = [name for name in needed if name not in value.entries]
        for name in missing if not meant else ():
            self.problems.add(at, at.path, f"{name}: missing; {word} needs it")
        return None if missing else value.entries

    def _check_known(
        self, at: Place, word: str, fields: Fields, known: Collection[str], noun: str = "field"
    ) -> set[str | None]:
        """Note unknown fields; return the known ones that were probably meant."""
        meant: set[str | None] = set()
        for name, entry in fields.items():
            if name not in known:
                meant |= {nearest(language.field_meant(tree.shorten(name)), known)}
                guess = hint(language.field_meant(name), known, f"; {word} takes {language.listed(known)}")
                self.problems.add(entry, at.path, f"{tree.shorten(name)}: unknown {noun}{guess}")
        return meant

    def _join(self, at: Place, fields: Fields, default: str) -> type[Layer] | None:
        given = fields["join"].value if "join" in fields else None
        word = given.text if isinstance(given, Scalar) else "" if given else default
        join = language.join_layer(word)
        if join is None and given:
            known = language.join_words()
            expected = f"expected {language.listed(known)}, received {tree.show(given)}"
            self.problems.add(given, at.path, f"join: {expected}{hint(word, known)}")
        return join

    def _one_source(self, at: Place, fields: Fields) -> tuple[str | None, tuple[Reference, ...]]:
        name, sources = self._name_and_sources(fields, at.path)
        if len(sources) > 1:
            self.problems.add(fields["from"].value, at.path, "from: reads one layer here; join several before it")
        return name, sources[:1]

    def _name_and_sources(self, fields: Fields, path: str) -> tuple[str | None, tuple[Reference, ...]]:
        name = naming.name(fields["name"].value, path, self.problems) if "name" in fields else None
        if "from" not in fields:
            return name, ()
        return name, naming.references(fields["from"].value, path, self.problems, "from")


def _few(given: Tree) -> str:
    return "one" if isinstance(given, tree.Sequence) and given.items else tree.show(given)
