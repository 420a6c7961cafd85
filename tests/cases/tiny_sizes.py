"""Sizes of operations that take no time."""

from costlens.runtimes._bound_models import Sizes

TINY = Sizes(gemm=16, channels=4, side=5, images=2, stream_bytes=2**14, cached_bytes=2**10, chain=4)
