"""Milliseconds before a network is built: the kernels that a runtime would run, and what each of them takes here."""

from costlens.prediction.sums import predict, predict_kernels
from costlens.prediction.table import Conditions, Table, Times

__all__ = ["Conditions", "Table", "Times", "predict", "predict_kernels"]
