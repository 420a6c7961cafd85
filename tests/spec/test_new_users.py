"""What people write who come from Keras, PyTorch or ONNX counts, or is answered with words that count."""

import pytest

from costlens.errors import SpecError
from costlens.network.count import count
from costlens.spec.loading import loads
from tests.cases.new_users import Case
from tests.cases.new_users.asked import ASKED
from tests.cases.new_users.more import MORE

CASES = {**ASKED, **MORE}


@pytest.mark.parametrize("title", CASES)
def test_it_counts_or_is_answered_with_what_counts(title: str) -> None:
    case = CASES[title]
    if case.says:
        with pytest.raises(SpecError) as caught:
            loads(case.written, file="spec.yaml")
        assert case.says in str(caught.value)
    told = loads(case.told).graph
    totals = count(told).totals
    assert (totals.params, totals.macs, told.shapes[told.outputs[0]]) == (case.params, case.macs, case.output)


def test_an_answer_never_guesses_at_a_word_of_the_field() -> None:
    """What is refused is refused with what to write: no question, no list of what there is alone."""
    for title, case in CASES.items():
        if case.says:
            with pytest.raises(SpecError) as caught:
                loads(case.written)
            assert "did you mean" not in str(caught.value), title
            assert "lists what there is" not in str(caught.value), title


def test_the_tables_are_long_enough() -> None:
    assert len(ASKED) >= 53
    assert len(MORE) >= 50
    assert all(isinstance(case, Case) for case in CASES.values())
