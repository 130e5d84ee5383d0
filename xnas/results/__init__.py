"""The run folder: where a search writes and everything else reads.

Nothing here loads TensorFlow, DeepHyper or Ray, so reading takes milliseconds.
"""

from xnas.results.arrays import (
    Activations,
    Gram,
    read_gram,
    write_activations,
    write_gram,
)
from xnas.results.folder import RunFolder, write_json
from xnas.results.latest import latest_run
from xnas.results.recorder import Recorder
from xnas.results.run import Run, load
from xnas.results.table import Columns, ResultsTable, read_table

__all__ = [
    "Activations",
    "Columns",
    "Gram",
    "Recorder",
    "ResultsTable",
    "Run",
    "RunFolder",
    "latest_run",
    "load",
    "read_gram",
    "read_table",
    "write_activations",
    "write_gram",
    "write_json",
]
