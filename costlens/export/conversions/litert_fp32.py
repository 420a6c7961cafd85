"""fp32 for LiteRT."""

from pathlib import Path

from costlens.export.conversions._comparison import require_agreement
from costlens.export.conversions._conversion import Source, Written
from costlens.export.conversions._keras import write_tflite


class LitertFp32(Written):
    """A ``.tflite`` file for one batch; its outputs are compared with the export's before it is kept."""

    file = "model.tflite"
    one_batch = True
    needs_graph = True

    def write(self, source: Source, folder: Path, batch: int) -> None:
        """Convert the model and compare it."""
        write_tflite(source, folder / self.file, batch, lambda tf, converter: None)
        require_agreement(source, folder / self.file, "litert", batch)
