"""Specs as people write them, for the tests: between them they use every statement of the language."""

from costlens.spec.model import Spec

HEAD = "name: t\nknobs: {alpha: 0.75, pad: same}\ninput: [32, 32, 3]\n"

DESIGN = """\
name: mobilenet_v1
title: MobileNetV1, 224
source: https://arxiv.org/abs/1704.04861
knobs: {alpha: 1.0, resolution: 224, classes: 1000}       # --set alpha=0.5
input: [resolution, resolution, 3]                        # expressions of knobs: + - * / // round8() min() max()
defaults:
  conv: {bias: false, norm: batch, activation: relu, padding: same}
blocks:
  stage:
    params: {filters: required, stride: 1}
    layers: [{separable: {filters: filters * alpha, kernel: 3, stride: stride}}]
layers:
  - conv: {name: stem, filters: 32 * alpha, kernel: 3, stride: 2, fixed: true}
  - stage: {filters: 64}
  - stage: {filters: 128, stride: 2}
  - stage: {filters: 128}
  - stage: {filters: 256, stride: 2}
  - stage: {filters: 256}
  - stage: {filters: 512, stride: 2}
  - repeat: {times: 5, layers: [{stage: {filters: 512}}]}
  - stage: {filters: 1024, stride: 2}
  - stage: {filters: 1024}
  - global_avg_pool
  - dense: {units: classes}
  - softmax
expect: {kernels: 4.2M, macs: 569M, source: "MobileNets, table 4"}
budget: {params: 4.3M, macs: 600M, latency_ms: 40}
"""

RESIDUAL = """\
name: small_resnet
knobs: {width: 16, resolution: 32}
input: [resolution, resolution, 3]
defaults:
  conv: {bias: false, norm: {batch: {epsilon: 1e-5}}, activation: relu}
blocks:
  project:
    params: {filters: required, stride: 2}
    layers:
      - residual:
          body:
            - conv: {name: reduce, filters: filters, kernel: 1, stride: stride}
            - conv: {name: spatial, filters: filters, kernel: 3}
            - conv: {name: expand, filters: 4 * filters, kernel: 1, activation: none}
          shortcut:
            - conv: {name: project, filters: 4 * filters, kernel: 1, stride: stride, activation: none}
          activation: relu
  stage:
    params: {filters: required, blocks: required, stride: 2}
    layers:
      - project: {filters: filters, stride: stride}
      - repeat:
          times: blocks - 1
          layers:
            - residual:
                body: [{conv: {filters: 4 * filters, kernel: 3, activation: [relu, {maximum: -0.5}, relu]}}]
layers:
  - conv: {name: stem, filters: width, kernel: 3, fixed: true}
  - stage: {filters: width, blocks: 2, stride: 1}
  - stage: {filters: 2 * width if resolution > 16 else width, blocks: 3}
  - global_avg_pool
  - dense: {units: 10, activation: softmax}
"""

EVERYTHING = """\
name: everything
title: "Two inputs, two outputs, two sections"
inputs: {a: [16, 16, 4], b: [16, 16, 4]}
sections:
  trunk:
    - conv: {filters: 4, kernel: 3, from: a, name: c}
    - repeat: {times: 2, name: r, layers: [relu, {leaky_relu: 0.1}]}
    - branches:
        paths: [[], [{depthwise: {kernel: 3, norm: layer}}]]
        join: multiply
        name: gate
    - add: {from: [gate, b]}
    - branches: [[{max_pool: {kernel: 3, stride: 1, padding: same}}], [{conv: {filters: 2, kernel: 1}}]]
  head:
    - conv_transpose: {filters: 3, kernel: 2, stride: 2, norm: {batch: {scale: false}}, activation: [relu, relu6, relu]}
    - squeeze_excite: 3
    - pad: [[1, 2], 1]
    - avg_pool: {kernel: 3, stride: [1, 2], padding: [1, same]}
    - local_response_norm
    - reshape: [-1, 3]
    - layer_norm
    - conv: {filters: 3, kernel: 3, dilation: 2, groups: 3}
    - flatten
    - dropout: 0.1
    - dense: 7
    - gelu
outputs: [gelu1, c]
expect: {params: "3,000", source: nowhere}
"""

MIXES = """\
name: mixes                          # what it is, and two variants of its own
input: [16, 16, 4]
blocks:
  stage:
    params: {filters: required}
    layers: [{conv: {filters: filters, kernel: 3, norm: batch}}, {conv: {filters: filters, kernel: 3}}]
layers:
  - conv: {name: stem, filters: 8, kernel: 3, fixed: true}
  - stage: {name: stage1, filters: 8}
  - stage: {name: stage2, filters: 16}
  - global_avg_pool
  - dense: 3
kinds: {stage2: separable}
variants:
  fast: {"*": separable, "stage1.*2": as-written}
  rows: {stage2.conv1: factorized}
expect: {params: 3.5k, source: nowhere}
budget: {macs: 600k}
"""

FACTORIZED = """\
name: pairs
input: [76, 32, 1]
defaults:
  conv: {bias: false, norm: batch, activation: [{leaky_relu: 0.2}, {maximum: -0.4}]}
blocks:
  pair:
    params: {filters: required}
    layers:
      - factorized: {filters: filters, kernel: 3, padding: [valid, same]}
layers:
  - conv: {name: stem, filters: 24, kernel: 3, padding: [valid, 1], norm: none, activation: none, fixed: true}
  - batch_norm: {name: stem_norm}
  - maximum: -0.4
  - pair: {filters: 24}
  - max_pool: {kernel: [1, 2]}
  - &pair {pair: {filters: 48}}
  - *pair
  - concat: {from: [pair3, pair2], axis: 0}
"""

ALL = (DESIGN, RESIDUAL, EVERYTHING, FACTORIZED)


def edges(spec: Spec) -> str:
    """Write a graph as ``name<inputs`` for each node."""
    return " ".join(f"{node.name}<{','.join(node.inputs)}" for node in spec.graph.nodes)
