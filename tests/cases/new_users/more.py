"""Further first attempts, as they are written by habit of another framework."""

from tests.cases.new_users import Case

IMAGE = "[8, 8, 16]"
SAME = (8, 8, 16)
CONV = 3 * 3 * 16 * 16
MACS = CONV * 8 * 8
CONV_OURS = "conv: {filters: 16, kernel: 3}"


def _conv(written: str, says: str, instead: str = CONV_OURS) -> Case:
    """A convolution of 16 channels to 16, its output as large as its input."""
    return Case(IMAGE, written, CONV + 16, MACS, SAME, says, instead)


KINDS = {
    "Conv2D": _conv("Conv2D: {filters: 16, kernel: 3}", "it is called conv here"),
    "nn.Conv2d": _conv("nn.Conv2d: {filters: 16, kernel: 3}", "it is called conv here"),
    "standard": _conv("standard: {filters: 16, kernel: 3}", "it is called conv here"),
    "dilated_conv": _conv("dilated_conv: {filters: 16, kernel: 3, dilation: 2}",
            "conv and depthwise have it as a field",
                          "conv: {filters: 16, kernel: 3, dilation: 2}"),
    "fc": Case("[64]", "fc: 10", 650, 640, (10,), "it is called dense here", "dense: 10"),
    "nn.Linear": Case("[64]", "nn.Linear: 10", 650, 640, (10,), "it is called dense here", "dense: 10"),
    "Gemm": Case("[64]", "Gemm: {units: 10, bias: false}", 640, 640, (10,), "it is called dense here",
                 "dense: {units: 10, bias: false}"),
    "MaxPooling2D": Case(IMAGE, "MaxPooling2D: 2", 0, 0, (4, 4, 16), "it is called max_pool here", "max_pool: 2"),
    "AveragePool": Case(IMAGE, "AveragePool: 2", 0, 0, (4, 4, 16), "it is called avg_pool here", "avg_pool: 2"),
    "GlobalAveragePooling2D": Case(IMAGE, "GlobalAveragePooling2D", 0, 0, (16,), "it is called global_avg_pool here",
                                   "global_avg_pool"),
    "BatchNormalization": Case(IMAGE, "BatchNormalization", 64, 0, SAME, "it is called batch_norm here", "batch_norm"),
    "nn.BatchNorm2d": Case(IMAGE, "nn.BatchNorm2d", 64, 0, SAME, "it is called batch_norm here", "batch_norm"),
    "LayerNormalization": Case(IMAGE, "LayerNormalization", 32, 0, SAME, "it is called layer_norm here", "layer_norm"),
    "DepthwiseConv2D": Case(IMAGE, "DepthwiseConv2D: {kernel: 3}", 160, 144 * 64, SAME, "it is called depthwise here",
                            "depthwise: {kernel: 3}"),
    "SeparableConv2D": Case(
        IMAGE, "SeparableConv2D: {filters: 32, kernel: 3}", 144 + 16 + 512 + 32, (144 + 512) * 64, (8, 8, 32),
        "it is called separable here", "separable: {filters: 32, kernel: 3}"),
    "Conv2DTranspose": Case(IMAGE, "Conv2DTranspose: {filters: 16, kernel: 3, stride: 2}", CONV + 16, MACS, (16, 16,
            16),
                            "it is called conv_transpose here", "conv_transpose: {filters: 16, kernel: 3, stride: 2}"),
    "ZeroPadding2D": Case(IMAGE, "ZeroPadding2D: 1", 0, 0, (10, 10, 16), "it is called pad here", "pad: 1"),
    "UpSampling2D": Case(IMAGE, "UpSampling2D: 2", 0, 0, (16, 16, 16), "it is called upsample here", "upsample: 2"),
    "PReLU": Case(IMAGE, "PReLU", 16, 0, SAME, "it is called prelu here", "prelu"),
    "Mish": Case(IMAGE, "Mish", 0, 0, SAME, "it is called mish here", "mish"),
    "h_swish": Case(IMAGE, "h_swish", 0, 0, SAME, "it is called hard_swish here", "hard_swish"),
    "Activation": Case(IMAGE, "Activation: relu", 0, 0, SAME, "an activation is a layer by its own name: relu", "relu"),
    "clip": Case(IMAGE, "clip: [0, 6]", 0, 0, SAME, "[{maximum: 0}, {minimum: 6}]", "[{maximum: 0}, {minimum: 6}]"),
    "adaptive_avg_pool": Case("[7, 7, 8]", "adaptive_avg_pool: 3", 0, 0, (3, 3, 8), "avg_pool: {output: 3}",
                              "avg_pool: {output: 3}"),
    "expand_dims": Case("[32, 8]", "expand_dims: 1", 0, 0, (32, 1, 8), "reshape: [32, 1, 8]", "reshape: [32, 1, 8]"),
    "BiLSTM": Case("[50, 40]", "BiLSTM: 64", 2 * 4 * 64 * (40 + 64 + 1), 2 * 50 * 4 * 64 * (40 + 64), (50, 128),
                   "in both directions it is", "lstm: {units: 64, bidirectional: true, return_sequences: true}"),
    "SpatialDropout2D": Case(IMAGE, "SpatialDropout2D: 0.2", 0, 0, SAME, "dropout: 0.2", "dropout: 0.2"),
    "EinsumDense": Case(
        "[49, 64]", 'EinsumDense: {equation: "abc,cde->abde", output_shape: [null, 4, 16]}', 64 * 64, 49 * 64 * 64,
        (49, 4, 16), "it is called einsum_dense here",
        'einsum_dense: {equation: "abc,cde->abde", output: [null, 4, 16]}'),
    "nn.MultiheadAttention": Case(
        "[49, 64]", "nn.MultiheadAttention: {num_heads: 4, attn_mask: true}", 4 * (64 * 64 + 64),
        49 * 4 * 64 * 64 + 2 * 49 * 49 * 64, (49, 64), "it is called attention here", "attention: {heads: 4}"),
    "pixel_unshuffle": Case(IMAGE, "pixel_unshuffle: 2", 0, 0, (4, 4, 64), "write its order of channels",
                            "space_to_depth: {block: 2, order: CRD}"),
}  # fmt: skip

FIELDS = {
    "fields of Keras": _conv("conv: {filters: 16, kernel_size: 3, strides: 1, use_bias: true}",
                             "kernel_size: unknown field; it is called kernel here"),
    "fields of PyTorch": _conv("conv: {in_channels: 16, out_channels: 16, kernel_size: 3}",
                               "in_channels: unknown field; leave it out"),
    "fields of ONNX": _conv("conv: {filters: 16, kernel_shape: [3, 3], pads: [1, 1], group: 1}",
                            "kernel_shape: unknown field; it is called kernel here",
                            "conv: {filters: 16, kernel: [3, 3], padding: [1, 1], groups: 1}"),
    "num_heads": Case(
        "[49, 64]", "attention: {num_heads: 4, key_dim: 16}", 4 * (64 * 64 + 64), 49 * 4 * 64 * 64 + 2 * 49 * 49 * 64,
        (49, 64), "num_heads: unknown field; it is called heads here", "attention: {heads: 4, key_size: 16}"),
    "num_embeddings": Case(
        "[32]", "embedding: {num_embeddings: 1000, embedding_dim: 16}", 16_000, 0, (32, 16),
        "num_embeddings: unknown field; it is called size here", "embedding: {size: 1000, units: 16}"),
    "input_dim of an embedding": Case(
        "[32]", "embedding: {input_dim: 1000, output_dim: 16}", 16_000, 0, (32, 16),
        "input_dim: unknown field; its size is how many tokens there are", "embedding: {size: 1000, units: 16}"),
    "output_shape of an equation": Case(
        "[49, 64]", 'einsum_dense: {equation: "...x,xy->...y", output_shape: 8}', 64 * 8, 49 * 64 * 8, (49, 8),
        "output_shape: unknown field; it is called output here",
        'einsum_dense: {equation: "...x,xy->...y", output: 8}'),
    "units of a convolution": _conv("conv: {units: 16, kernel: 3}", "units: unknown field; it is called filters here"),
    "dilation_rate": _conv("conv: {filters: 16, kernel: 3, dilation_rate: 2}", "it is called dilation here",
                           "conv: {filters: 16, kernel: 3, dilation: 2}"),
    "SAME": _conv("conv: {filters: 16, kernel: 3, padding: SAME}", "it is called same here"),
    "an activation of None": _conv("conv: {filters: 16, kernel: 3, activation: None}", "it is called none here"),
    "ReLU": _conv("conv: {filters: 16, kernel: 3, activation: ReLU}", "it is called relu here",
                  "conv: {filters: 16, kernel: 3, activation: relu}"),
    "data_format": _conv("conv: {filters: 16, kernel: 3, data_format: channels_last}", "channels last"),
    "an initializer": _conv("conv: {filters: 16, kernel: 3, kernel_initializer: he_normal}", "it changes no count"),
    "bn": Case(IMAGE, "conv: {filters: 16, kernel: 3, norm: bn}", CONV + 16 + 64, MACS, SAME, "it is called batch here",
               "conv: {filters: 16, kernel: 3, norm: batch}"),
    "out_features": Case("[64]", "dense: {in_features: 64, out_features: 10}", 650, 640, (10,),
            "it is called units here",
                         "dense: {units: 10}"),
    "pool_size": Case(IMAGE, "max_pool: {pool_size: 2, strides: 2}", 0, 0, (4, 4, 16), "it is called kernel here",
                      "max_pool: {kernel: 2, stride: 2}"),
    "p": Case(IMAGE, "dropout: {p: 0.2}", 0, 0, SAME, "it is called rate here", "dropout: {rate: 0.2}"),
    "alpha of a leaky one": Case(IMAGE, "leaky_relu: {alpha: 0.1}", 0, 0, SAME, "it is called slope here",
                                 "leaky_relu: {slope: 0.1}"),
    "eps and momentum": Case(IMAGE, "batch_norm: {eps: 1.0e-5, momentum: 0.9}", 64, 0, SAME,
            "it is called epsilon here",
                             "batch_norm: {epsilon: 1.0e-5}"),
    "num_groups": Case(IMAGE, "group_norm: {num_groups: 4}", 32, 0, SAME, "it is called groups here",
                       "group_norm: {groups: 4}"),
    "scale_factor": Case(IMAGE, "upsample: {scale_factor: 2, mode: bilinear}", 0, 0, (16, 16, 16),
                         "scale_factor: unknown field; it is called factor here",
                                 "upsample: {factor: 2, mode: bilinear}"),
    "block_size": Case(IMAGE, "depth_to_space: {block_size: 2}", 0, 0, (16, 16, 4), "it is called block here",
                       "depth_to_space: {block: 2}"),
    "perm": Case("[49, 64]", "Transpose: {perm: [0, 2, 1]}", 0, 0, (64, 49), "it is called transpose here",
                 "transpose: [1, 0]"),
    "perm of ours": Case("[49, 64]", "transpose: {perm: [0, 2, 1]}", 0, 0, (64, 49),
                         "it is called axes here, counted without the batch and with the channels last",
                         "transpose: {axes: [1, 0]}"),
    "ceil_mode": Case("[7, 7, 8]", "max_pool: {kernel: 2, ceil_mode: true}", 0, 0, (4, 4, 8),
            "ceil_mode: unknown field; it is called ceil here", "max_pool: {kernel: 2, ceil: true}"),
    "output_size": Case("[7, 7, 8]", "max_pool: {output_size: 3}", 0, 0, (3, 3, 8),
                        "output_size: unknown field; it is called output here", "max_pool: {output: 3}"),
    "keepdims": Case(IMAGE, "reduce: {by: mean, axis: 0, keepdims: true}", 0, 0, (1, 8, 16),
            "it is called keep_axes here",
                     "reduce: {by: mean, axis: 0, keep_axes: true}"),
    "keep_prob": Case(IMAGE, "dropout: {keep_prob: 0.8}", 0, 0, SAME, "the rate is what is dropped",
            "dropout: {rate: 0.2}"),
    "Concatenate as a join": Case(IMAGE, "branches: {join: Concatenate, paths: [[], [relu]]}", 0, 0, (8, 8, 32),
                                  "it is called concat here", "branches: {join: concat, paths: [[], [relu]]}"),
}  # fmt: skip

MORE = {**KINDS, **FIELDS}
