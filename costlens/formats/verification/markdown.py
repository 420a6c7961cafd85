"""The ledger of many specs as Markdown: what was proven, on what, how long it took, and a line each variant."""

from __future__ import annotations

from collections import Counter

from costlens.arithmetic import units
from costlens.formats.escape import markdown as text
from costlens.formats.markdown import table
from costlens.results.ledger import Number
from costlens.results.verification import Verification, VerifiedSpec, VerifiedVariant

_INTRO = (
    "Every variant of every spec is built in Keras with random weights and exported to ONNX. Parameters and MACs are "
    "counted from the spec, from the Keras layers' shapes and from the file's graph, row by row; each weight of the "
    "file is compared with Keras's own, and so are the outputs of both on random inputs. "
    "A line *agrees* where all of that does. The README says what each check is."
)
_COLUMNS = (
    "*deployed*: parameters of the file, BatchNorm folded. *outputs*: largest difference between Keras and the file, "
    "relative to the largest output, 1e-4 allowed. *weights*: the same of weights, 1e-5 allowed. "
    "*s*: seconds to build, export and compare. Variants with the same graph share a line."
)
_MINUTE_S = 60


def render(verification: Verification) -> str:
    """Write the ledger."""
    parts = ["# Verification", f"**{summary(verification)}**", _INTRO, _made(verification)]
    if verification.problems:
        parts += ["## What is wrong", "\n".join(f"- {text(line)}" for line in verification.problems)]
    parts += ["## Line by line", _lines(verification), _COLUMNS]
    return "\n\n".join(part for part in parts if part) + "\n"


def summary(verification: Verification) -> str:
    """Say in one sentence what was found.

    >>> summary(Verification("costlens.verification/1", ()))
    '0 specs, 0 variants: nothing was verified.'
    """
    found = Counter(variant.verdict for variant in verification.variants)
    unread = sum(bool(spec.problem) for spec in verification.specs)
    said = [f"{count} {verdict.lower()}" for verdict, count in found.items() if verdict != "agrees"]
    said += [f"{units.plural(unread, 'spec')} cannot be read"] if unread else []
    whole = "every check agrees" if verification.variants else "nothing was verified"
    specs, variants = len(verification.specs), len(verification.variants)
    return f"{units.plural(specs, 'spec')}, {units.plural(variants, 'variant')}: {', '.join(said) or whole}."


def _made(verification: Verification) -> str:
    """Write when, for how long and with what; specs verified on the same machine with the same tools share a line."""
    days = sorted({text(variant.made) for variant in verification.variants if variant.made})
    seconds = sum(variant.seconds for variant in verification.variants)
    on = Counter(_place(spec) for spec in verification.specs if spec.machine)
    when = "" if not days else f", {days[0]}" if len(days) == 1 else f", {days[0]} to {days[-1]}"
    lines = [f"- {duration(seconds)} to build, export and compare, one after the other{when}"]
    lines += [f"- {units.plural(n, 'spec')} on {place}" for place, n in sorted(on.items())]
    return "\n".join(lines)


def _place(spec: VerifiedSpec) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in spec.versions.items())
    machine = spec.machine
    if machine is None:
        return text(versions)
    memory = f", {units.bytes_(machine.memory_bytes)}" if machine.memory_bytes else ""
    cores = units.plural(machine.cores_usable, "core")
    return text(f"{machine.cpu}, {cores}{memory}, {machine.os}, Python {machine.python}; {versions}")


def duration(seconds: float) -> str:
    """Write how long something took.

    >>> duration(7.26), duration(3723)
    ('7.3 s', '62 min 3 s')
    """
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    return f"{minutes} min {rest} s"


def _lines(verification: Verification) -> str:
    rows = []
    for spec in verification.specs:
        if spec.problem:
            rows.append([text(spec.file), *[""] * 6, "**cannot be read**", ""])
        for index, found in enumerate(spec.variants):
            rows.append([text(spec.name) if index == 0 else "", *_line(found)])
    headers = ["network", "variant", "parameters", "MACs", "deployed", "outputs", "weights", "", "s"]
    return table(headers, rows, [False, False, True, True, True, True, True, False, True])


def _line(found: VerifiedVariant) -> list[str]:
    return [
        text(found.names),
        units.count(found.params),
        units.count(found.macs),
        units.count(found.deployed_params),
        _difference(found.output_difference),
        _difference(found.weight_difference),
        found.verdict if found.verdict == "agrees" else f"**{found.verdict}**",
        f"{found.seconds:.1f}" if found.made else "",
    ]


def _difference(value: Number | None) -> str:
    if value is None or isinstance(value, str):
        return text(value or "")
    return f"{value:.1e}" if value else "0"
