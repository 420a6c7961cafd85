"""Recurrent layers against loops over their steps in NumPy: which gate is where, and what is carried on."""

from typing import Any

import pytest

from tests.cases.networks import graph, layer

pytestmark = pytest.mark.tensorflow

STEPS, CHANNELS, UNITS = 5, 3, 4


def sigmoid(x: Any) -> Any:
    import numpy as np

    return 1 / (1 + np.exp(-x))


def halves(values: Any, gates: int) -> list[Any]:
    """Cut the gates, which lie along the last axis, apart."""
    return [values[..., gate * UNITS : (gate + 1) * UNITS] for gate in range(gates)]


def lstm(x: Any, state: list[Any], kernel: Any, recurrent: Any, bias: Any) -> list[Any]:
    """Hochreiter & Schmidhuber 1997: input, forget, candidate, output."""
    import numpy as np

    h, c = state
    i, f, g, o = halves(x @ kernel + h @ recurrent + bias, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return [sigmoid(o) * np.tanh(c), c]


def gru(x: Any, state: list[Any], kernel: Any, recurrent: Any, bias: Any) -> list[Any]:
    """Cho et al. 2014: update, reset, candidate; with two biases the state is reset after its product."""
    import numpy as np

    (h,) = state
    reset_after = bias.ndim == 2
    of_input, of_state = bias if reset_after else (bias, 0 * bias)
    (xz, xr, xh), (rz, rr, rh) = halves(x @ kernel + of_input, 3), halves(h @ recurrent + of_state, 3)
    z, r = sigmoid(xz + rz), sigmoid(xr + rr)
    new = np.tanh(xh + r * rh) if reset_after else np.tanh(xh + (r * h) @ recurrent[:, 2 * UNITS :])
    return [z * h + (1 - z) * new]


def simple_rnn(x: Any, state: list[Any], kernel: Any, recurrent: Any, bias: Any) -> list[Any]:
    return [(x @ kernel + state[0] @ recurrent + bias).clip(0)]


CELLS = {"lstm": lstm, "gru": gru, "simple_rnn": simple_rnn}


def walk(kind: str, x: Any, state: list[Any], weights: list[Any]) -> tuple[Any, list[Any]]:
    """Return the outputs of all steps, in the order in which they are read, and the last state."""
    import numpy as np

    outputs = []
    for step in range(x.shape[1]):
        state = CELLS[kind](x[:, step], state, *weights)
        outputs.append(state[0])
    return np.stack(outputs, axis=1), state


CASES: list[tuple[str, dict[str, Any]]] = [
    ("lstm", {}),
    ("lstm", {"return_sequences": True, "go_backwards": True}),
    ("lstm", {"bidirectional": True}),
    ("lstm", {"bidirectional": True, "merge": "sum", "return_sequences": True}),
    ("lstm", {"return_sequences": True, "return_state": True}),
    ("gru", {"return_sequences": True}),
    ("gru", {"reset_after": False, "go_backwards": True}),
    ("gru", {"bidirectional": True, "return_sequences": True}),
    ("gru", {"return_state": True}),
    ("simple_rnn", {"inner": "relu", "return_sequences": True}),
    ("simple_rnn", {"inner": "relu", "bidirectional": True, "merge": "sum"}),
    ("simple_rnn", {"inner": "relu", "return_state": True}),
]


@pytest.mark.parametrize(("kind", "fields"), CASES)
def test_values(kind: str, fields: dict[str, Any]) -> None:
    import numpy as np

    from costlens.export import build

    made_of = layer(kind, units=UNITS, **fields)
    states = made_of.states if "return_state" in fields else ()
    net = graph(
        {"x": (STEPS, CHANNELS), **dict.fromkeys(states, (UNITS,))},
        ("layer", made_of, "x", *states),
        outputs=("layer", *(f"layer.{state}" for state in states)),
    )
    model = build(net, seed=5)
    random = np.random.default_rng(6)
    arrays = [random.standard_normal((3, *shape)) for _, shape in net.inputs]
    weights = [np.asarray(weight, np.float64) for weight in model.weights]
    given = [array.astype(np.float32) for array in arrays]
    made = model(given if states else given[0], training=False)

    x = arrays[0]
    start = arrays[1:] if states else [np.zeros((3, UNITS)) for _ in made_of.states]
    sides = [walk(kind, x[:, ::-1] if fields.get("go_backwards") else x, start, weights[:3])]
    if fields.get("bidirectional"):
        back, last = walk(kind, x[:, ::-1], start, weights[3:])
        sides.append((back[:, ::-1], last))
    several = [side[0] if fields.get("return_sequences") else side[1][0] for side in sides]
    joined = sum(several) if fields.get("merge") == "sum" else np.concatenate(several, axis=-1)
    expected = [joined, *(sides[0][1] if states else [])]
    found = [np.asarray(one) for one in (made if isinstance(made, list | tuple) else [made])]
    assert [one.shape for one in found] == [one.shape for one in expected]
    assert max(np.abs(one - other).max() for one, other in zip(found, expected, strict=True)) < 1e-5
