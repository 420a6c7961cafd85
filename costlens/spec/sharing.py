"""Statements that run again with the same weights: what they became the first time, and whose weights are whose."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from costlens.arithmetic.shapes import Shape
from costlens.network.graph import Node, Runs
from costlens.spec import language
from costlens.spec.context import Context
from costlens.spec.scope import Scope
from costlens.spec.statements import Repeat, Share, Statement


@dataclass(frozen=True, slots=True)
class Expanded:
    """A statement with the context it stood in and the places of the nodes that it became."""

    statement: Statement
    context: Context
    nodes: range


@dataclass(slots=True)
class Sharing:
    """What each statement became, by the prefix of its scope and its name; the runs of nodes with shared weights."""

    expanded: dict[tuple[str, str], Expanded] = field(default_factory=dict)
    runs: Runs = field(default_factory=Runs)

    def first(self, share: Share, name: str, scope: Scope) -> Expanded | str:
        """Return what the statement of a name became, or why it cannot be shared; the name is one of the scope."""
        level = next((level for level in scope.levels() if name in level.names), scope)
        first = self.expanded.get((level.prefix, level.latest(name))) if name in level.names else None
        if first is None and "." in name:
            return f"shared: {name} is not of this level; share {name.partition('.')[0]}, or a layer beside this one"
        if first is None:
            return f"shared: {name} is an input or one of several outputs; name a layer or a block call"
        word = first.statement.kind
        if isinstance(first.statement, Repeat) and share.name is None:
            return f"name: missing; {name} is a repeat: shared: {{of: {name}, name: …}}"
        if share.kind not in (word, language.SHARED):
            return f"shared: {name} is a {word}; write {word}: {{shared: {name}}}"
        return first

    def tie(self, nodes: list[Node], first: range, again: range, shapes: Mapping[str, Shape]) -> str:
        """Give nodes the weights of the first ones, one by one, in place; say why they do not fit, or nothing."""
        if len(first) != len(again):
            return "shared: it has other layers here than the first time"
        for theirs, index in zip(first, again, strict=True):
            owner, node = nodes[theirs], nodes[index]
            site = node.convolution
            if site and owner.convolution:
                site = replace(site, weights=owner.convolution.owner)
            nodes[index] = tied = replace(node, weights=owner.owner, convolution=site)
            if not owner.weights:
                self.runs.add(owner, shapes)
            if wrong := self.runs.add(tied, shapes):
                return f"{node.name}: {wrong}"
        return ""
