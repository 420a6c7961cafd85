"""The commented spec that ``costlens new NAME`` writes: it loads and counts as it stands."""

import textwrap

from costlens.errors import UsageError
from costlens.spec import language
from costlens.spec.expressions import FUNCTIONS
from costlens.spec.header import MODEL_NAME

SCHEMA = "schema.json"
_WITH_SCHEMA = f"# yaml-language-server: $schema={SCHEMA}"
_WITHOUT = f"# For completion in editors: costlens schema > {SCHEMA}; write here '{_WITH_SCHEMA}'"
_STARTER = """\
{first}
name: {name}
title: {name}, a small network to start from
source: where the architecture is published

# Names for expressions, also of lists: + - * / // % **, comparisons, a if c else b, widths[0],
# {functions}.
# costlens count {name}.yaml --set width=0.5 changes one.
knobs: {{width: 1.0, classes: 10}}

# Sizes without the batch, channels last: [height, width, channels] or [time, channels].
# Several: inputs: {{left: [96, 64, 1], right: [96, 64, 1]}}, read with from: left; and outputs: [NAME, NAME].
input: [96, 64, 1]

# Fields every layer of a kind has unless it says otherwise; those of conv go to every kind of convolution.
defaults:
  conv: {{bias: false, norm: batch, activation: relu, padding: same}}

# Parts that are used more than once, with their parameters: required, or a default.
blocks:
  stage:
    params: {{filters: required, stride: 1}}
    layers:
      - separable: {{filters: round8(filters * width), kernel: 3, stride: stride}}

# Each layer reads the one before, or says which: from: NAME. With when: CONDITION it may be left out.
# A repeat may count its turns from 0, with index: i, or go through lists, with for: {{filters: [16, 24]}}.
# fixed: true keeps a convolution as it is in every variant, as the first one of a network should be.
# Instead of layers, sections: {{body: [LAYERS], head: [LAYERS]}} gives each part a subtotal.
layers:
  - conv: {{name: stem, filters: round8(16 * width), kernel: 3, stride: 2, fixed: true}}
  - stage: {{filters: 32, stride: 2}}
  - repeat: {{times: 2, layers: [{{stage: {{filters: 32}}}}]}}
  - residual:
      body:
        - stage: {{filters: 32}}
        - conv: {{filters: round8(32 * width), kernel: 3, activation: none}}
      activation: relu
  - branches:
      - [{{conv: {{filters: 16, kernel: 1}}}}]
      - [{{max_pool: {{kernel: 3, stride: 1, padding: same}}}}]
  - global_avg_pool
  - dense: {{name: classifier, units: classes, activation: softmax}}

# The layers (costlens kinds lists their fields):
{kinds}

# Published figures, to be compared with the count, and what the network may cost at most:
# expect: {{params: 4.2M, macs: 569M, source: "the paper, table 4"}}
budget: {{params: 100k, macs: 20M}}
"""


def starter(name: str, *, has_schema: bool = False) -> str:
    """Return a starter spec, which names its schema if that is beside it; UsageError for a name no spec can have."""
    if not MODEL_NAME.fullmatch(name):
        raise UsageError(f"{name!r}: expected letters, digits, _ and - as name, a letter first; for example my_network")
    listed = ", ".join((*language.layer_words(), *language.STRUCTURES))
    kinds = textwrap.fill(listed, 110, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    functions, first = ", ".join(f"{function}()" for function in FUNCTIONS), _WITH_SCHEMA if has_schema else _WITHOUT
    return _STARTER.format(first=first, name=name, functions=functions, kinds=kinds)
