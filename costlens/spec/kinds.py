"""Every word a statement can start with, described from the layers' own fields and docstrings."""

from costlens.errors import UsageError, did_you_mean
from costlens.network.variants import convolution_kind
from costlens.results.kinds import Kind, KindField
from costlens.spec import language

_HELP = {
    "repeat": "Layers that are repeated.",
    "residual": "A body and a shortcut from one tensor, added.",
    "branches": "Paths from one tensor, joined by concat or another join.",
}


def described(word: str | None = None) -> tuple[Kind, ...]:
    """Return all kinds, or the one asked for; UsageError where there is none of that name."""
    known = (*language.layer_words(), *language.STRUCTURES)
    if word is None:
        return tuple(map(_described, known))
    if word not in known:
        hint = did_you_mean(word, known) or "; costlens kinds lists them all"
        raise UsageError(f"{word}: unknown kind{hint}")
    return (_described(word),)


def _described(word: str) -> Kind:
    if word in language.STRUCTURES:
        fields = tuple(KindField(name, "", "", text) for name, text in language.STRUCTURES[word].items())
        return Kind(word, "structure", _HELP[word], None, fields, language.EVERY_STATEMENT)
    kind = language.kind(word)
    own = []
    for name, info in kind.layer.fields().items():
        default = "" if info.default is None else str(info.default).lower()  # as a spec writes it: true
        own.append(KindField(name, info.expected, "required" if info.required else default, info.description))
    sort = "convolution" if kind.convolution else "layer"
    formula = convolution_kind(word).formula if _is_form(kind) else ""
    return Kind(word, sort, help_line(word), kind.layer.shorthand, tuple(own), kind.added_fields, formula)


def help_line(word: str) -> str:
    """Return one line on a layer or a kind of convolution: the first of its class's docstring."""
    kind = language.kind(word)
    text = (type(convolution_kind(word)) if _is_form(kind) else kind.layer).__doc__ or ""
    return text.partition("\n")[0].replace("``", "").strip()


def _is_form(kind: language.Kind) -> bool:
    return kind.convolution not in ("", language.STANDARD)
