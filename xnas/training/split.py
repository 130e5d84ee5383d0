"""The examples of one part of the data, as arrays."""

from collections.abc import Sequence
from typing import NamedTuple

from numpy.typing import NDArray


class Split(NamedTuple):
    """Inputs, one array each with examples along axis 0, and labels likewise.

    Attributes:
        inputs: of the examples.
        labels: of the examples.
        files: path of each example in the folder of the data, where they are files.
    """

    inputs: list[NDArray]
    labels: NDArray
    files: Sequence[str] | None = None
