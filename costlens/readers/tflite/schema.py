"""The part of TensorFlow Lite's schema that counting needs: names by number, and fields by their index.

From ``schema.fbs`` of LiteRT (tflite/converter/schema), whose numbers never change: fields and operators are only
added. A test compares each with the schema that LiteRT ships.
"""

IDENTIFIER = b"TFL3"
"""The four bytes after the first four of a file."""

_OPERATORS = """
    ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR
    FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC
    LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX
    SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD
    UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE
    UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE
    BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL
    LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT
    RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT
    UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR
    LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK
    ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4
    NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL
    PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS
    HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE
    READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL
    GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2
    UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE
    STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE
    STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE
    STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG
    STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT
    STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT
    STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL
    STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE DILATE
    STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT
    STABLEHLO_CASE
"""
OPERATORS = tuple(_OPERATORS.split())
"""BuiltinOperator, by number."""


_TYPES = """
    float32 float16 int32 uint8 int64 string bool int16 complex64 int8 float64 complex128 uint64 resource variant
    uint32 uint16 int4 bfloat16 int2 uint4 float8_e4m3fn float8_e5m2
"""
TYPES = tuple(_TYPES.split())
"""TensorType, by number."""

MODEL = {"operator_codes": 1, "subgraphs": 2, "buffers": 4, "external_buffers": 9}
OPERATOR_CODE = {"deprecated_builtin_code": 0, "custom_code": 1, "builtin_code": 3}
SUB_GRAPH = {"tensors": 0, "inputs": 1, "outputs": 2, "operators": 3, "name": 4}
TENSOR = {
    "shape": 0, "type": 1, "buffer": 2, "name": 3, "quantization": 4, "is_variable": 5, "sparsity": 6,
    "shape_signature": 7, "has_rank": 8, "external_buffer": 10,
}  # fmt: skip
OPERATOR = {
    "opcode_index": 0, "inputs": 1, "outputs": 2, "builtin_options_type": 3, "builtin_options": 4,
    "builtin_options_2_type": 11, "builtin_options_2": 12,
}  # fmt: skip
BUFFER = {"data": 0, "offset": 1, "size": 2}
QUANTIZATION = {"scale": 2, "zero_point": 3}
EXTERNAL_BUFFER = {"id": 0, "length": 3}

ACTIVATIONS = ("", "relu", "relu_n1_to_1", "relu6", "tanh", "sign_bit")
"""ActivationFunctionType, by number."""

_FUSED = "fused_activation_function:b"
_POOL = f"padding:b stride_w:i stride_h:i filter_width:i filter_height:i {_FUSED}"
OPTIONS: dict[str, tuple[str, int, str]] = {
    "ADD": ("AddOptions", 11, _FUSED),
    "ARG_MAX": ("ArgMaxOptions", 40, "output_type:b"),
    "ARG_MIN": ("ArgMinOptions", 57, "output_type:b"),
    "AVERAGE_POOL_2D": ("Pool2DOptions", 5, _POOL),
    "BATCH_MATMUL": ("BatchMatMulOptions", 101, "adj_x:b adj_y:b"),
    "BIDIRECTIONAL_SEQUENCE_LSTM": (
        "BidirectionalSequenceLSTMOptions", 69, f"{_FUSED} cell_clip:f proj_clip:f merge_outputs:b time_major:b=1",
    ),
    "BIDIRECTIONAL_SEQUENCE_RNN": ("BidirectionalSequenceRNNOptions", 70, f"time_major:b {_FUSED} merge_outputs:b"),
    "CALL": ("CallOptions", 16, "subgraph:I"),
    "CALL_ONCE": ("CallOnceOptions", 103, "init_subgraph_index:i"),
    "CAST": ("CastOptions", 37, "in_data_type:b out_data_type:b"),
    "CONCATENATION": ("ConcatenationOptions", 10, f"axis:i {_FUSED}"),
    "CONV_2D": (
        "Conv2DOptions", 1, f"padding:b stride_w:i stride_h:i {_FUSED} dilation_w_factor:i=1 dilation_h_factor:i=1",
    ),
    **dict.fromkeys(("CONV_3D", "CONV_3D_TRANSPOSE"), (
        "Conv3DOptions", 106,
        f"padding:b stride_d:i stride_w:i stride_h:i {_FUSED} dilation_d_factor:i=1 dilation_w_factor:i=1 "
        "dilation_h_factor:i=1",
    )),
    "DEPTHWISE_CONV_2D": (
        "DepthwiseConv2DOptions", 2,
        f"padding:b stride_w:i stride_h:i depth_multiplier:i {_FUSED} dilation_w_factor:i=1 dilation_h_factor:i=1",
    ),
    "DEPTH_TO_SPACE": ("DepthToSpaceOptions", 94, "block_size:i"),
    "DIV": ("DivOptions", 29, _FUSED),
    "FULLY_CONNECTED": ("FullyConnectedOptions", 8, f"{_FUSED} weights_format:b keep_num_dims:b"),
    "GATHER": ("GatherOptions", 23, "axis:i batch_dims:i"),
    "IF": ("IfOptions", 92, "then_subgraph_index:i else_subgraph_index:i"),
    "L2_NORMALIZATION": ("L2NormOptions", 12, _FUSED),
    "L2_POOL_2D": ("Pool2DOptions", 5, _POOL),
    "LOCAL_RESPONSE_NORMALIZATION": ("LocalResponseNormalizationOptions", 13, "radius:i"),
    "LSTM": ("LSTMOptions", 14, f"{_FUSED} cell_clip:f proj_clip:f kernel_type:b"),
    "MAX_POOL_2D": ("Pool2DOptions", 5, _POOL),
    "MUL": ("MulOptions", 21, _FUSED),
    "ONE_HOT": ("OneHotOptions", 61, "axis:i"),
    "PACK": ("PackOptions", 59, "values_count:i axis:i"),
    **dict.fromkeys(
        ("MEAN", "REDUCE_ALL", "REDUCE_ANY", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "SUM"),
        ("ReducerOptions", 27, "keep_dims:b"),
    ),
    "RESHAPE": ("ReshapeOptions", 17, "new_shape:*"),
    "RNN": ("RNNOptions", 7, _FUSED),
    "SHAPE": ("ShapeOptions", 55, "out_type:b"),
    "SPACE_TO_DEPTH": ("SpaceToDepthOptions", 19, "block_size:i"),
    "SPLIT": ("SplitOptions", 35, "num_splits:i"),
    "SPLIT_V": ("SplitVOptions", 79, "num_splits:i"),
    "SQUEEZE": ("SqueezeOptions", 30, "squeeze_dims:*"),
    "STABLEHLO_COMPOSITE": ("StableHLOCompositeOptions", 21, "name:_ decomposition_subgraph_index:i"),
    "STRIDED_SLICE": (
        "StridedSliceOptions", 32,
        "begin_mask:i end_mask:i ellipsis_mask:i new_axis_mask:i shrink_axis_mask:i offset:b",
    ),
    "SUB": ("SubOptions", 28, _FUSED),
    "SVDF": ("SVDFOptions", 6, f"rank:i {_FUSED}"),
    "TRANSPOSE_CONV": ("TransposeConvOptions", 49, f"padding:b stride_w:i stride_h:i {_FUSED}"),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (
        "UnidirectionalSequenceLSTMOptions", 71, f"{_FUSED} cell_clip:f proj_clip:f time_major:b",
    ),
    "UNIDIRECTIONAL_SEQUENCE_RNN": ("SequenceRNNOptions", 31, f"time_major:b {_FUSED}"),
    "UNPACK": ("UnpackOptions", 64, "num:i axis:i"),
    "WHILE": ("WhileOptions", 93, "cond_subgraph_index:i body_subgraph_index:i"),
}  # fmt: skip
"""The options of an operator: their table, its number in their union, and its fields in order.

A field is ``name:form=default``: a struct format, ``*`` for a list of int32; ``f`` and ``_`` are not read. The table of
StableHLO's composite is in the second union, ``builtin_options_2``.
"""
