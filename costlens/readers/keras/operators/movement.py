"""Operations that move, choose or look up values and compute none; sorting counts as that, too."""

from costlens.readers.keras.operators._operator import Operator

_MOVES = (
    "Identity", "IdentityN", "Snapshot", "Reshape", "Squeeze", "ExpandDims", "Transpose", "ConjugateTranspose",
    "Concat", "ConcatV2", "Split", "SplitV", "Pack", "Unpack", "Stack", "Slice", "StridedSlice", "Tile", "Pad", "PadV2",
    "MirrorPad", "Gather", "GatherV2", "GatherNd", "ResourceGather", "ResourceGatherNd", "Reverse", "ReverseV2",
    "ReverseSequence", "Roll", "Select", "SelectV2", "Where", "BroadcastTo", "Fill", "OneHot", "SpaceToDepth",
    "DepthToSpace", "SpaceToBatch", "SpaceToBatchND", "BatchToSpace", "BatchToSpaceND", "ScatterNd",
    "TensorScatterUpdate", "TensorScatterAdd", "TensorScatterMax", "TensorScatterMin", "TensorScatterSub",
    "InvertPermutation", "DynamicStitch", "DynamicPartition", "MatrixBandPart", "MatrixDiag", "MatrixDiagV2",
    "MatrixDiagV3", "MatrixDiagPart", "MatrixDiagPartV2", "MatrixDiagPartV3", "MatrixSetDiag", "MatrixSetDiagV2",
    "MatrixSetDiagV3", "Diag", "DiagPart", "ExtractImagePatches", "ExtractVolumePatches", "Assert", "Print", "PrintV2",
    "EnsureShape", "ReadVariableOp", "AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", "VariableV2",
    "Const", "NoOp", "Range", "LinSpace", "Placeholder", "PlaceholderWithDefault", "VarHandleOp", "Empty", "DeepCopy",
)  # fmt: skip
_LISTS = (
    "TensorListReserve", "TensorListFromTensor", "TensorListGetItem", "TensorListSetItem", "TensorListStack",
    "TensorListConcatV2", "TensorListPushBack", "TensorListPopBack", "TensorListGather", "TensorListScatterV2",
    "TensorListSplit", "TensorListResize", "EmptyTensorList", "TensorArrayV3", "TensorArrayReadV3",
    "TensorArrayWriteV3", "TensorArrayGatherV3", "TensorArrayScatterV3", "TensorArraySizeV3",
)  # fmt: skip
_ORDERS = (
    "ArgMax", "ArgMin", "TopK", "TopKV2", "InTopK", "InTopKV2", "Sort", "Unique", "UniqueV2", "UniqueWithCounts",
    "Bincount", "DenseBincount", "RaggedBincount", "Bucketize", "LowerBound", "UpperBound", "SearchSorted",
    "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5", "CombinedNonMaxSuppression",
)  # fmt: skip
_TEXTS = (
    "StringLower", "StringUpper", "StringStrip", "StringSplit", "StringSplitV2", "StringJoin", "StringLength",
    "StringToHashBucket", "StringToHashBucketFast", "StringToHashBucketStrong", "StringToNumber", "AsString",
    "StaticRegexReplace", "RegexReplace", "Substr", "UnicodeDecode", "LookupTableFind", "LookupTableFindV2",
    "LookupTableSizeV2", "SparseToDense", "RaggedTensorToTensor", "RaggedTensorToSparse", "RaggedTensorFromVariant",
    "RaggedTensorToVariant",
)  # fmt: skip
_OF_SHAPES = ("Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike", "TensorListLength", "BroadcastArgs")

OPERATORS = {
    **dict.fromkeys((*_MOVES, *_LISTS, *_ORDERS, *_TEXTS), Operator()),
    **dict.fromkeys(_OF_SHAPES, Operator(makes_data=False)),
}
