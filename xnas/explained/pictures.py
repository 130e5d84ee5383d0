"""Examples as a page shows them: pictures, lines of a series, or rows of numbers."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.sampling import some_of
from xnas.training.split import Split

SIDE = 64
"""Pixels of a picture's longer side at most, which keep the page small."""

MOST_NUMBERS = 12
MOST_LINES = 6
MOST_CHANNELS = 12
"""Width of an array of two dimensions up to which it is a series, not a picture."""

_MOST_POINTS = 120
_SAMPLED = 500
_BYTE = 255
_WIDTH, _HEIGHT = 120, 48


@dataclass(frozen=True)
class Shown:
    """One input of an example.

    Args:
        form: ``picture``, ``series`` or ``row``.
        source: of a picture: a data URI.
        lines: of a series: points of SVG polylines.
        numbers: of a row: the first ones.
        more: how many numbers or lines are left out.
    """

    form: str
    source: str = ""
    lines: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    more: int = 0


def form_of(shape: Sequence[int]) -> str:
    """Tell how examples of a shape are shown.

    Args:
        shape: of one input of one example.
    """
    if len(shape) in (3, 4) and min(shape) > 0:
        return "picture"
    if len(shape) == 2:
        return "series" if shape[1] <= MOST_CHANNELS else "picture"
    return "row"


class Gallery:
    """Shows examples of one part of the data.

    Args:
        split: the examples, as the loader gave them.
    """

    def __init__(self, split: Split) -> None:
        self._inputs = split.inputs
        self._ranges = [_range(array) for array in split.inputs]

    @property
    def forms(self) -> list[str]:
        """How each input is shown."""
        return [form_of(array.shape[1:]) for array in self._inputs]

    def show(self, index: int) -> list[Shown]:
        """Show an example.

        Args:
            index: its number.
        """
        return [
            _SHOWN[form](np.asarray(array[index], np.float64), known)
            for form, array, known in zip(
                self.forms, self._inputs, self._ranges, strict=True
            )
        ]


def _range(array: NDArray) -> tuple[Any, Any]:
    """Least and greatest values: of all pixels, or of each channel of a series."""
    if array.dtype == np.uint8:
        return 0.0, float(_BYTE)
    some = np.asarray(array[some_of(len(array), _SAMPLED)], np.float64)
    some = np.where(np.isfinite(some), some, np.nan)
    axis = (0, 1) if form_of(array.shape[1:]) == "series" else None
    if not some.size or np.isnan(some).all():
        return 0.0, 1.0
    return np.nanmin(some, axis=axis), np.nanmax(some, axis=axis)


def _scaled(values: NDArray[np.float64], known: tuple[Any, Any]) -> NDArray[np.float64]:
    low, high = known
    width = np.where(np.asarray(high) > low, np.asarray(high) - low, 1.0)
    return np.clip(np.nan_to_num((values - low) / width), 0.0, 1.0)


def _picture(values: NDArray[np.float64], known: tuple[Any, Any]) -> Shown:
    from PIL import Image

    if values.ndim == 4:  # a volume or a film: its middle
        values = values[len(values) // 2]
    if values.ndim == 2:
        values = values[:, :, None]
    if values.shape[2] not in (1, 3, 4):
        values = values.mean(axis=2, keepdims=True)
    pixels = (_scaled(values, known) * _BYTE).round().astype(np.uint8)[:, :, :3]
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    image.thumbnail((SIDE, SIDE))
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    code = base64.b64encode(written.getvalue()).decode()
    return Shown("picture", source=f"data:image/png;base64,{code}")


def _series(values: NDArray[np.float64], known: tuple[Any, Any]) -> Shown:
    scaled = _scaled(values, known)
    steps = np.unique(
        np.linspace(0, max(0, len(scaled) - 1), _MOST_POINTS).round().astype(int)
    )
    across = steps / max(1, len(scaled) - 1) * _WIDTH
    lines = tuple(
        " ".join(
            f"{x:.1f},{(1 - y) * (_HEIGHT - 4) + 2:.1f}"
            for x, y in zip(across, scaled[steps, channel], strict=True)
        )
        for channel in range(min(scaled.shape[1], MOST_LINES))
    )
    return Shown("series", lines=lines, more=scaled.shape[1] - len(lines))


def _row(values: NDArray[np.float64], _: tuple[Any, Any]) -> Shown:
    flat = values.ravel()
    numbers = tuple(f"{value:.4g}".replace("-", "−") for value in flat[:MOST_NUMBERS])
    return Shown("row", numbers=numbers, more=max(0, flat.size - MOST_NUMBERS))


_SHOWN = {"picture": _picture, "series": _series, "row": _row}
