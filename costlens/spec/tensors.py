"""What stands behind ``from``, ``shared`` and ``like``: names → the tensors that they mean, or why they mean none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from costlens.spec import elsewhere, tree
from costlens.spec.context import Context, not_there
from costlens.spec.problems import Problems
from costlens.spec.scope import Scope, Tensor
from costlens.spec.statements import Statement
from costlens.spec.tree import Scalar
from costlens.spec.values import name_or_element

_NO_SUCH_NAME = "; name an earlier layer, or an input"
_LISTED = 8
"""The most layers inside another that a message names."""


@dataclass(slots=True)
class Tensors:
    """The output of each statement by its full name, as far as a spec is expanded.

    ``further`` holds the names of the further outputs of each node that has some, ``skipped`` by full name the layers
    that are not there, as their condition does not hold.
    """

    problems: Problems
    named: dict[str, Tensor] = field(default_factory=dict)
    further: dict[str, tuple[str, ...]] = field(default_factory=dict)
    skipped: dict[str, Statement] = field(default_factory=dict)

    def of(self, names: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the further outputs of what names stand for, by name: ``lstm1.state``."""
        return {
            f"{name}.{part}": f"{tensor}.{part}"
            for name, tensor in names.items()
            for part in self.further.get(tensor or "", ())
        }

    def meant(self, written: Scalar, scope: Scope, context: Context) -> tuple[tuple[str, ...], Scope]:
        """Return the names that are written behind ``from``, and where they are looked up.

        A parameter stands for what it was given, and so do the names of a repeat. A knob that no layer has the name of
        may stand for names, too.
        """
        values, text = context.values, written.text
        name = text.partition("[")[0].strip()
        where = context.caller if name in values.parameters and context.caller else scope
        is_given = "[" in text or name in values.parameters or name in values.counted
        if not is_given and (name not in values.names or scope.find(name)[0]):
            return (text,), scope
        stands = name_or_element(text, values)
        words = tuple(map(tree.word_of, stands.items)) if isinstance(stands, tree.Sequence) else (stands,)
        if words and all(isinstance(word, str) and word for word in words):
            return words, where  # type: ignore[return-value]  # all are words
        return (text,), scope

    def found(
        self, at: Scalar, name: str, statement: Statement, scope: Scope, context: Context, field: str = "from"
    ) -> Tensor:
        """Return the tensor that a name means; None where it means none, which is noted, or an unknown one."""
        is_there, tensor = self._look_up(name, scope)
        if not is_there and (wrong := self._wrong(name, scope)):
            self.problems.add(at, statement.at.path, f"{field}: {wrong}", context.call)
        return tensor

    def _look_up(self, name: str, scope: Scope) -> tuple[bool, Tensor]:
        """Say whether there is a layer of a name, or a further output of one: ``lstm1.h``; and return its tensor."""
        found, tensor = self._layer(name, scope)
        if found or "." not in name:
            return found, tensor
        layer, _, part = name.rpartition(".")
        found, tensor = self._layer(layer, scope)
        if found and (tensor is None or part in self.further.get(tensor, ())):
            return True, tensor and f"{tensor}.{part}"
        return False, None

    def _layer(self, name: str, scope: Scope) -> tuple[bool, Tensor]:
        """Look a layer up, here and outwards: its name, or that of what is around it in front: ``body.stage3``."""
        found, tensor = scope.find(name)
        outer, dot, inner = name.partition(".")
        level = next((level for level in scope.levels() if outer in level.names), None)
        if found or not dot or level is None:
            return found, tensor
        if level.names[outer] is None:
            return True, None
        full = f"{level.prefix}{level.latest(outer)}.{inner}"
        return full in self.named, self.named.get(full)

    def _wrong(self, name: str, scope: Scope) -> str:
        """Say why a name means no tensor; nothing where another problem may be why."""
        levels, shown, outer = scope.levels(), tree.shorten(name), name.partition(".")[0]
        around = next((level for level in levels if outer in level.names), None)
        full = f"{around.prefix}{around.latest(outer)}" if around else ""
        skipped = next((level.skipped[name] for level in levels if name in level.skipped), None)
        if skipped := skipped or self.skipped.get(f"{full}{name.removeprefix(outer)}"):
            return f"{not_there(name, skipped)}; give this layer the same condition, or read another"
        if any(level.incomplete for level in levels):
            return ""
        if counted := next((number for level in levels if (number := level.counted(outer))), 0):
            shown = tree.shorten(outer)
            return f"a repeat has numbered {shown}; name one of {shown}1 to {shown}{counted}"
        if not around and any(outer in level.once or outer in level.numbered for level in levels):
            return f"{shown} comes later: a graph has no cycles; name an earlier layer"
        if around and (others := self._parts(outer, around.names[outer], full)):
            return f"{shown}: unknown name; {others}"
        known = [name for level in levels for name in level.names]
        return f"{shown}: unknown name{elsewhere.guess(name, known, _NO_SUCH_NAME)}"

    def _parts(self, name: str, tensor: Tensor, full: str) -> str:
        """Say what a layer makes beside its output, or which layers are inside it; nothing where there is neither."""
        if others := self.of({name: tensor}):
            return f"{name} makes {name}, {', '.join(others)}"
        held = [f"{name}{each.removeprefix(full)}" for each in self.named if each.startswith(f"{full}.")]
        more = f" and {len(held) - _LISTED} more" if len(held) > _LISTED else ""
        return (held and f"inside {name} there is {', '.join(held[:_LISTED])}{more}") or ""
