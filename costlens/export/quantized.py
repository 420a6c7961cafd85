"""How far the outputs of a converted file are from those of the export that it was made of, which are Keras's."""

from itertools import islice
from pathlib import Path

from costlens import runtimes
from costlens.export.conversions._comparison import predict_each
from costlens.export.conversions._conversion import Source
from costlens.readers.tflite import output_steps
from costlens.results.facts import ConvertedOutput

_EXAMPLES = 4


def converted_outputs(source: Source, path: Path, runtime: str) -> tuple[ConvertedOutput, ...]:
    """Run an export and a ``.tflite`` file for one example on what it was calibrated on, the first four examples.

    BenchError where the file cannot be run.
    """
    import numpy as np

    examples = [list(given.values()) for given in islice(source.examples(batch=1), _EXAMPLES)]
    wanted = [runtimes.get(runtimes.DEFAULT).predict(source.onnx, inputs) for inputs in examples]
    made = predict_each(runtime, path, examples)
    found = []
    for place, step in enumerate(output_steps(path)):
        theirs, ours = (np.stack([run[place] for run in runs]).astype(np.float64) for runs in (wanted, made))
        apart = np.abs(ours - theirs)
        found.append(
            ConvertedOutput(
                name=f"{place + 1}" if len(made[0]) > 1 else "",
                examples=len(examples),
                scale=float(np.abs(theirs).max()),
                deviation=float(theirs.std()),
                step=step,
                noise=float(np.sqrt(np.square(apart).mean())),
                largest_error=float(apart.max()),
            )
        )
    return tuple(found)
