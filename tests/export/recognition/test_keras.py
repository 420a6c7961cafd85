"""Keras models → specs: the statements that each family becomes, and what is said where there are none."""

from pathlib import Path
from typing import Any

import pytest

from costlens import frameworks
from costlens.errors import CostlensError, UsageError, VerificationError
from costlens.network.layers import layer_kind
from costlens.spec.loading import loads
from costlens.tasks._recognised import proven_spec
from tests.cases.keras_layers import Family, Make, built
from tests.cases.keras_specs import SAID, UNSAID
from tests.cases.live_models import live_model
from tests.fakes.command_line import Run

pytestmark = pytest.mark.tensorflow


def as_spec(model: Any, name: str = "made") -> str:
    """Return the text of a model's spec, which is proven."""
    return proven_spec(live_model(model, name), model, {}, name).text


def of(make: Make) -> Any:
    keras = frameworks.keras()
    keras.utils.set_random_seed(1)  # with which the output of the recurrent layers is 0 throughout
    return built(keras, Family(make, 0, 0))


@pytest.mark.parametrize("title", SAID)
def test_a_model_is_said_by_these_statements(title: str) -> None:
    make, expected = SAID[title]
    text = as_spec(of(make))
    said = text[text.index("layers:") :].splitlines()[1:]
    assert tuple(line.removeprefix("  - ") for line in said if line.startswith("  - ")) == expected
    assert loads(text).name == "made"


@pytest.mark.parametrize("title", UNSAID)
def test_layers_without_a_kind_are_named(title: str) -> None:
    make, parts = UNSAID[title]
    with pytest.raises(UsageError) as caught:
        as_spec(of(make))
    message = str(caught.value)
    assert "nothing was written" in message
    for part in parts:
        assert part in message


def test_a_model_that_is_no_graph_of_layers_says_how_to_make_it_one() -> None:
    keras = frameworks.keras()

    class Own(keras.Model):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return x + 1

    model = Own(name="own")
    model(keras.ops.ones((1, 4)))
    with pytest.raises(UsageError, match="Own computes in Python code and has no graph of layers"):
        as_spec(model)


@pytest.mark.usefixtures("no_figure_is_remembered")
def test_a_wrong_kind_is_found_by_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recogniser that leaves a bias out is not believed."""
    conv = layer_kind("conv")
    original = conv.cost
    monkeypatch.setattr(conv, "cost", lambda self, *shapes: original(self.changed(bias=False), *shapes))
    with pytest.raises(VerificationError, match="the spec has 108 parameters, the model 112 parameters"):
        as_spec(of(lambda keras, k, x: k.Conv2D(4, 3, name="c")(x(8, 8, 3))))


def test_a_wrong_kind_is_found_by_the_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts the same and computes something else is not written."""
    silu = layer_kind("silu")
    monkeypatch.setattr(silu, "to_keras", lambda self, k, name, x: k.layers.Activation("gelu", name=name)(x))
    with pytest.raises(VerificationError, match=r"output c\.silu, model to spec, with random weights: off by"):
        as_spec(of(lambda keras, k, x: k.Conv2D(4, 3, activation="silu", name="c")(x(8, 8, 3))))


def test_the_model_keeps_its_weights() -> None:
    import numpy as np

    model = of(SAID["attention"][0])
    before = [weight.numpy() for weight in model.weights]
    as_spec(model)
    assert all(np.array_equal(one, weight.numpy()) for one, weight in zip(before, model.weights, strict=True))


def test_new_writes_the_spec_of_a_file(tmp_path: Path, run: Run) -> None:
    frameworks.keras()
    model = of(SAID["a row of a convolution"][0])
    model.save(tmp_path / "net.keras")
    target = tmp_path / "own.yaml"
    done = run("new", "--from", str(tmp_path / "net.keras"), "-o", str(target))
    assert (done.returncode, done.stderr) == (0, "")
    assert "88 parameters and 2,520 MACs, as the model has; outputs agree to" in done.stdout
    assert loads(target.read_text(encoding="utf-8")).name == "net"


def test_kinds_are_of_a_spec(tmp_path: Path, run: Run) -> None:
    model = of(SAID["tokens"][0])
    model.save(tmp_path / "net.keras")
    done = run("new", "--from", str(tmp_path / "net.keras"), "--kind", "*=separable")
    assert done.returncode == UsageError.exit_code
    assert "--variant and --kind are of a spec; write it as one first" in done.stderr


def test_nothing_is_written_where_a_layer_has_no_kind(tmp_path: Path, run: Run) -> None:
    of(UNSAID["a norm of another axis"][0]).save(tmp_path / "net.keras")
    target = tmp_path / "own.yaml"
    done = run("new", "--from", str(tmp_path / "net.keras"), "-o", str(target))
    assert (done.returncode, target.exists()) == (CostlensError.exit_code + 1, False)
    assert "1 layer has no kind in the spec language; nothing was written" in done.stderr
