"""The examples of one part of the data, as arrays."""

from typing import NamedTuple

from numpy.typing import NDArray


class Split(NamedTuple):
    """Inputs, one array each with examples along axis 0, and labels likewise."""

    inputs: list[NDArray]
    labels: NDArray
