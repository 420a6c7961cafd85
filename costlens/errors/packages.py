"""The packages that costlens uses: which part of it each belongs to, and the line that installs that part.

A part is an extra of the distribution (``pyproject.toml``); that of no name is what every installation has.
"""

from collections.abc import Mapping

DISTRIBUTION = "costlens-nn"
"""What package indexes call costlens."""
BASE, ONNX, KERAS, LITERT, MICRO, PLOT, PANDAS, ADVISE, EXPLORE, CLUSTER, HISTORY = (
    "", "onnx", "keras", "litert", "micro", "plot", "pandas", "advise", "explore", "cluster", "history"
)  # fmt: skip
PARTS: Mapping[str, str] = {
    BASE: "counting, comparing and checking specs, ONNX and TensorFlow Lite files",
    ONNX: "timing, profiling and verifying ONNX files",
    KERAS: "Keras models and SavedModels; exporting, proving and timing specs",
    LITERT: "timing and verifying TensorFlow Lite files",
    MICRO: "the arena that TensorFlow Lite Micro allocates",
    PLOT: "costlens plot as PNG and PDF",
    PANDAS: "counts as data frames",
    ADVISE: "costlens advise",
    EXPLORE: "samples of costlens explore, and its results as Parquet",
    CLUSTER: "costlens explore on a Dask cluster",
    HISTORY: "--record and costlens history, in SQLite or PostgreSQL",
}
"""What each part brings."""
PACKAGES: Mapping[str, str] = {
    "graphlay": BASE,
    "jinja2": BASE,
    "protobuf": BASE,
    "pydantic": BASE,
    "rich": BASE,
    "ruamel.yaml": BASE,
    "simpleeval": BASE,
    "numpy": ONNX,
    "onnx": ONNX,
    "onnxruntime": ONNX,
    "keras": KERAS,
    "tensorflow": KERAS,
    "tf2onnx": KERAS,
    "ai-edge-litert": LITERT,
    "tflite-micro": MICRO,
    "matplotlib": PLOT,
    "pandas": PANDAS,
    "scipy": ADVISE,
    "pyarrow": EXPLORE,
    "distributed": CLUSTER,
    "alembic": HISTORY,
    "psycopg": HISTORY,
    "sqlalchemy": HISTORY,
}
"""The part that each package belongs to, by the name that package indexes have for it."""
_IMPORTED = {
    "google": "protobuf",
    "ruamel": "ruamel.yaml",
    "ai_edge_litert": "ai-edge-litert",
    "tflite_micro": "tflite-micro",
    "dask": "distributed",
}


def package_of(module: str) -> str | None:
    """Return the package that holds a module; None where costlens does not use it.

    >>> package_of("google.protobuf"), package_of("onnx.helper"), package_of("torch")
    ('protobuf', 'onnx', None)
    """
    top = module.partition(".")[0]
    package = _IMPORTED.get(top, top)
    return package if package in PACKAGES else None


def install(part: str) -> str:
    """Return the line that installs a part.

    >>> install("keras"), install("")
    ('pip install "costlens-nn[keras]"', 'pip install costlens-nn')
    """
    return f'pip install "{DISTRIBUTION}[{part}]"' if part else f"pip install {DISTRIBUTION}"


def install_of(package: str) -> str:
    """Return the line that installs the part that a package belongs to, or a package that belongs to none."""
    return install(PACKAGES[package]) if package in PACKAGES else f"pip install {package}"
