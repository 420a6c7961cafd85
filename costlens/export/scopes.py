"""Whose an ONNX node is: from the scope in its name to the Keras layer, from there to the graph's node."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_SCOPE = re.compile(r"^(layer\d+)(?:_\d+)?(?:/|$)")


class Scopes:
    """Knows the scopes that a traced model's node names begin with (``layer12_1/batchnorm/mul_1``)."""

    def __init__(self, layers: Mapping[str, str], nodes: Iterable[str]) -> None:
        self._layers = dict(layers)
        self._nodes = frozenset(nodes)

    def layer(self, onnx_name: str) -> str | None:
        """Return the name of the Keras layer that an ONNX node was made by, or None.

        >>> Scopes({"layer12": "stem"}, ["stem"]).layer("layer12_1/convolution")
        'stem'
        """
        match = _SCOPE.match(onnx_name)
        return self._layers.get(match[1]) if match else None

    def node(self, layer: str) -> str | None:
        """Return the graph's node that a Keras layer was made for: it has its name, or its name and ``-what``.

        >>> Scopes({}, ["se"]).node("se-excite"), Scopes({}, ["se"]).node("input")
        ('se', None)
        """
        if layer in self._nodes:
            return layer
        owner, _, what = layer.rpartition("-")
        return owner if what and owner in self._nodes else None
