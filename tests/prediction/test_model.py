"""What is learned of kernels that were not timed: near their law, honest about errors, wide where nothing is known."""

import random
from math import log

import pytest

from costlens.prediction import Conditions, Table, Times
from costlens.prediction.model import Learned, class_of
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


def test_classes_are_by_operator_layout_and_groups() -> None:
    found = [class_of(one) for one in (
        conv(32, 32, 8), conv(32, 32, 8, 3), conv(32, 32, 8, 3, 32), conv(32, 32, 8, 3, 4),
        operation("microsoft.FusedGemm", [Operand((1, 8))], [Operand((1, 8))]),
        operation("Gemm", [Operand((1, 8))], [Operand((1, 8))]),
    )]  # fmt: skip
    assert found == ["nchwc.Conv 1x1", "nchwc.Conv", "nchwc.Conv depthwise", "nchwc.Conv grouped", "Gemm", "Gemm"]


@pytest.mark.parametrize(("axes", "kind"), [((1, 2), "ReduceMean outer"), ((2, 3), "ReduceMean inner")])
def test_reductions_are_told_apart_by_whether_numbers_lie_beside_each_other(axes: tuple[int, ...], kind: str) -> None:
    image, given = Operand((1, 7, 7, 64)), Operand((2,), "int64", stored=True, values=axes)
    assert class_of(operation("ReduceMean", [image, given], [Operand((1, 64))])) == kind


def test_a_convolution_of_a_volume_is_not_like_one_of_an_image() -> None:
    found = operation("Conv", [Operand((1, 8, 4, 4, 4)), Operand((16, 8, 3, 3, 3), stored=True)], [Operand((1, 16))])
    assert class_of(found) == "Conv 3-D"
