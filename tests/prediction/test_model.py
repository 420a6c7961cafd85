"""What is learned of kernels that were not timed: near their law, honest about errors, wide where nothing is known."""

import random
from dataclasses import replace
from math import log

import pytest

from costlens.prediction import Conditions, Table, Times
from costlens.prediction.model import Learned, _aligned
from costlens.runtimes._operation import Operand, Operation, operation

HERE = Conditions("here", "this machine")


def conv(channels: int, filters: int, size: int, kernel: int = 1, groups: int = 1) -> Operation:
    return operation(
        "nchwc.Conv",
        [Operand((1, channels, size, size)), Operand((filters, channels // groups, kernel, kernel), stored=True)],
        [Operand((1, filters, size, size))],
        {"group": groups},
    )


def law_us(one: Operation) -> float:
    """A machine whose convolutions reach 20 GMAC/s and start in 2 µs."""
    return 2 + one.macs / 2e4


def table(number: int, noise: float = 0.0) -> Table:
    source = random.Random(3)
    drawn = [
        conv(*(source.choice(sizes) for sizes in ((8, 16, 32, 64, 128, 256), (16, 32, 64, 256), (4, 7, 14, 28, 56))))
        for _ in range(number)
    ]
    found = {}
    for one in dict.fromkeys(drawn):
        factor = 1 + source.uniform(-noise, noise)
        found[one.text] = Times(law_us(one) * factor, 1.2 * law_us(one) * factor)
    return Table(HERE, found)


@pytest.mark.parametrize("asked", [conv(48, 96, 14), conv(96, 48, 10), conv(160, 64, 20)])
def test_a_kernel_between_those_that_were_timed_is_near_its_law(asked: Operation) -> None:
    guess = Learned(table(80)).guess(asked)
    assert abs(log(guess.warm_us / law_us(asked))) < log(1.25)
    assert guess.cold_us >= guess.warm_us


def test_the_factor_holds_nearly_all_of_other_kernels() -> None:
    learned = Learned(table(80, noise=0.1))
    source = random.Random(7)
    sizes = ((24, 48, 96), (24, 48, 128), (6, 12, 20))
    others = [conv(*map(source.choice, sizes)) for _ in range(60)]
    guesses = [learned.guess(one) for one in others]
    apart = [abs(log(guess.cold_us / (1.2 * law_us(one)))) for guess, one in zip(guesses, others, strict=True)]
    inside = [error <= log(guess.factor) for error, guess in zip(apart, guesses, strict=True)]
    assert sum(inside) >= 0.9 * len(inside)


def test_more_noise_is_a_wider_factor() -> None:
    asked = conv(48, 96, 14)
    quiet, loud = (Learned(table(80, noise)).guess(asked).factor for noise in (0.01, 0.3))
    assert 1 < quiet < loud


def test_a_class_of_which_little_is_known_is_guessed_from_all_with_a_wide_factor() -> None:
    learned = Learned(table(80))
    assert learned.guess(conv(32, 32, 14, 3, 32)).factor >= 2
    assert Learned(Table(HERE)).guess(conv(32, 32, 14)).factor == 4


def test_a_small_class_is_guessed_from_its_operator_first() -> None:
    """Images of other operators are ten times slower here, and tell nothing of a convolution."""
    whole = table(80)
    slow = {
        one.text: Times(10 * law_us(one), 12 * law_us(one))
        for one in (replace(conv(32, 32, size, 3), op="Other") for size in range(8, 60))
    }
    guess = Learned(whole.grown(slow)).guess(conv(32, 32, 14, 3))
    assert law_us(conv(32, 32, 14, 3)) / 3 < guess.warm_us < 3 * law_us(conv(32, 32, 14, 3))
    assert guess.factor >= 2


def test_kernels_too_short_to_be_timed_do_not_make_the_others_long() -> None:
    """A time of next to nothing is a small error of the profiler's cost, however large its logarithm is."""

    def law(one: Operation) -> float:
        return 0.2 + one.outputs[0].elements / 1e4

    def relu(elements: int) -> Operation:
        return operation("Relu", [Operand((1, elements))], [Operand((1, elements))])

    source = random.Random(5)
    drawn = [relu(round(10 ** source.uniform(1, 5.5))) for _ in range(80)]
    taken = {one.text: max(0.0, law(one) + source.uniform(-0.2, 0.2)) for one in drawn}
    learned = Learned(Table(HERE, {text: Times(us, us) for text, us in taken.items()}))
    for elements in (500, 1000, 20_000):
        assert learned.guess(relu(elements)).warm_us == pytest.approx(law(relu(elements)), rel=0.2)


@pytest.mark.parametrize(
    ("asked", "power"),
    [(conv(512, 64, 7), 64), (conv(480, 64, 7), 32), (conv(24, 64, 7), 8), (conv(512, 64, 7, 3), 0)],
)
def test_a_power_of_two_of_channels_is_a_size_of_a_1x1_convolution(asked: Operation, power: int) -> None:
    assert _aligned(asked) == power


def test_a_function_that_goes_over_the_output_again_takes_its_time() -> None:
    """Half of the kernels clip, which takes a microsecond for 10,000 numbers."""
    source = random.Random(9)
    sizes = ((16, 32, 64, 128, 256), (16, 32, 64, 256), (7, 14, 28, 56))

    def times(one: Operation) -> float:
        clips = one.attribute.get("activation") == "Clip"
        return law_us(one) + clips * one.outputs[0].elements / 1e4

    def drawn(function: str) -> Operation:
        return replace(conv(*map(source.choice, sizes)), attributes=(("activation", function),))

    held = {one.text: Times(times(one), times(one)) for one in map(drawn, ["Relu", "Clip"] * 60)}
    learned = Learned(Table(HERE, held))
    for function in ("Relu", "Clip"):
        asked = replace(conv(48, 96, 20), attributes=(("activation", function),))
        assert learned.guess(asked).warm_us == pytest.approx(times(asked), rel=0.15)
