"""Words of other frameworks → ours, so that an unknown word is answered with what it means and not with its nearest.

A guess by spelling is given for a slip alone: a word nearly that of the language, which is no word of the field.
"""

import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import NamedTuple

from costlens.network.layers import layer_kind, layer_names
from costlens.network.variants import kind_names
from costlens.spec import elsewhere_words as words
from costlens.spec.tree import shorten

_AXES = re.compile(r"(?<=[a-z]{2})[123]d")
_NEAR = 0.75
_SHORT = 6  # letters: a slip in a shorter word adds or loses one of them, in a longer one two at most


class Known(NamedTuple):
    """A word of the field: the word of the language for it, with what is to say of it, or what to write instead."""

    ours: str = ""
    says: str = ""

    def __str__(self) -> str:
        return f"; it is called {self.ours} here{self.says}" if self.ours else f"; {self.says}"


def plainly(word: str) -> str:
    """Return a word as all frameworks would write it: without its module, capitals, strokes, number of axes and Layer.

    >>> [plainly(word) for word in ("nn.Conv2d", "keras.layers.MaxPooling2D", "batch_norm", "LeakyReLU")]
    ['conv', 'maxpooling', 'batchnorm', 'leakyrelu']
    """
    letters = word.strip().rpartition(".")[2].replace("_", "").replace("-", "").replace(" ", "").lower()
    return _AXES.sub("", letters.removesuffix("layer") or letters)


def layer(word: str, known: Collection[str]) -> Known | None:
    """Return what a word that starts no statement means; None where it is no word of the field.

    known: what a statement may start with; among several layers of that name the first of them.

    >>> layer("Swish", ["silu", "relu"]), layer("relou", ["silu", "relu"])
    (Known(ours='silu', says=''), None)
    """
    plain = plainly(word)
    ours = next((each for each in known if plainly(each) == plain), "") or _layers().get(plain, "")
    if ours in known:
        return Known(ours)
    return Known(says=words.LAYERS[plain].text) if plain in words.LAYERS else None


def member(word: str, family: Collection[str], ending: str = "") -> Known | None:
    """Return what a word means in a field that names a layer of a family, such as ``activation`` or ``norm``."""
    plain = plainly(word)
    if plain in words.NOTHING:
        return Known("none") if "none" in family else None
    ours = next((each for each in family if plainly(each) == plain), "") or _layers().get(plain, "")
    ours = ours or _layers().get(plain + plainly(ending), "")
    if (short := ours.removesuffix(ending)) in family and ours:
        return Known(short)
    if ours:
        return Known(says=f"{ours} is a layer of its own; write it after this one")
    return Known(says=words.LAYERS[plain].text) if plain in words.LAYERS else None


def field(kind: str, name: str, known: Collection[str]) -> Known | None:
    """Return what a field that a kind of layer does not have means there; None where it is no word of the field."""
    plain = plainly(name)
    ours = next((each for each in known if plainly(each) == plain), "")
    ours = ours or next((each for each in words.FIELDS.get(plain, ()) if each in known), "")
    if ours:
        return Known(ours, words.COUNTED.get(plain, ""))
    answer = words.OF_KIND.get((kind, plain)) or words.OF_ANY.get(plain)
    return Known(says=answer.text) if answer else None


def value(word: str, known: Collection[str]) -> Known | None:
    """Return what a word means as the value of a field that takes others; None where it is no word of the field."""
    plain = plainly(word)
    ours = next((each for each in known if plainly(each) == plain), "") or words.VALUES.get(plain, "")
    ours = ours or _layers().get(plain, "")
    if ours in known:
        return Known(ours)
    return Known(says=words.VALUE_ANSWERS[plain].text) if plain in words.VALUE_ANSWERS else None


def slip(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a slip of the keys made this one of; None where it is another word.

    >>> slip("kernal", ["kernel"]), slip("swish", ["hard_swish"]), slip("transpose", ["conv_transpose"])
    ('kernel', None, None)
    """
    if plainly(word) in words.OTHERS:
        return None
    from difflib import get_close_matches

    allowed = 1 if len(word) < _SHORT else 2
    near = get_close_matches(word, [each for each in known if abs(len(each) - len(word)) <= allowed], 1, _NEAR)
    return near[0] if near else None


def guess(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the known word that a slip made this one of, as a question, or what to say otherwise.

    >>> guess("kernal", ["kernel"]), guess("colour", ["kernel"], "; known: kernel")
    (' (did you mean "kernel"?)', '; known: kernel')
    """
    meant = slip(shorten(word), known)
    return f' (did you mean "{meant}"?)' if meant else otherwise


@cache
def _layers() -> dict[str, str]:
    """Return the layers by the words of others, from each layer's own file and the table."""
    found = {plainly(name): name for name in (*layer_names(), *kind_names()) if name != "standard"}
    for name in layer_names():
        for word in layer_kind(name).also_called:
            found.setdefault(plainly(word), name)
    return {**words.CALLED, **found}
