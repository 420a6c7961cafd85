"""Random fields of layers that read sequences, or sum by an equation."""

from random import Random

from costlens.arithmetic.shapes import Shape
from tests.draw.parts import Fields, divisors, sometimes


def recurrent(random: Random, shape: Shape, keep: bool) -> Fields:
    """Draw a recurrent layer."""
    way = random.choice([{}, {"go_backwards": True}, {"bidirectional": True}, {"bidirectional": True, "merge": "sum"}])
    some = {"return_sequences": True} if random.random() < 0.5 else {}
    return {"units": random.randint(1, 4), **some, **way} | sometimes(random, {"bias": False}) | sometimes(
        random, {"inner": "relu"}
    )


def attention(random: Random, shape: Shape, keep: bool) -> Fields:
    """Draw attention of a sequence to itself."""
    heads = random.randint(1, 4)
    groups = random.choice(divisors(heads))
    places = random.choice([{}, {"causal": True}, {"position_bias": "full"}, {"position_bias": "relative"}])
    sizes = {} if shape[-1] % heads == 0 else {"key_size": random.randint(1, 4)}
    return {"heads": heads, "kv_heads": groups, **sizes, **places} | random.choice(
        [{}, {"bias": False}, {"value_size": 3}, {"units": 5}, {"project": False}]
    )


def einsum_dense(random: Random, shape: Shape, keep: bool) -> Fields:
    """Draw an equation that sums over the channels, sometimes with weights of each place, in some order of axes."""
    read = "bcde"[: len(shape)]
    weights, made = f"{read[-1]}yz", f"{read[:-1]}yz"
    if len(read) > 1 and random.random() < 0.3:
        weights = f"{read[0]}{weights}"
    sizes = {"y": random.randint(1, 3), "z": random.randint(1, 3)}
    named = random.random() < 0.7
    equation = f"a{read},{weights}->a{''.join(random.sample(made, len(made)))}"
    if not named:
        equation = f"...{read[-1]},{read[-1]}yz->...yz"
    written = equation.split("->")[1].lstrip("a.")
    output = [sizes.get(letter) or random.choice([None, shape[read.index(letter)]]) for letter in written]
    return {"equation": equation, "output": output} | sometimes(random, {"bias_axes": random.choice(["y", "yz"])})
