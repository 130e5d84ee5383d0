"""A table's noise: what cells are worth, and how trainings scatter around that."""

import csv
import gzip
import io
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xnas.errors import UsageError
from xnas.records import Genotype

TRUTH = "truth.csv.gz"
NOISE = "noise.json"
"""The files of a table's folder; ``python -m benchmarks.tabular.truth`` writes them."""

COLUMNS = ("cell", "accuracy", "introspectability")
"""Of the file of what cells are worth."""

LOWEST, HIGHEST = np.array([0.0, 0.0]), np.array([1.0, np.inf])
"""What accuracy and introspectability can be."""


class NoiseBand(NamedTuple):
    """How cells of like accuracy scatter.

    Attributes:
        low: lowest accuracy that belongs to the band.
        accuracy: standard deviation over seeds.
        introspectability: likewise.
        correlation: of the two deviations of one training.
    """

    low: float
    accuracy: float
    introspectability: float
    correlation: float


class NoisyCells:
    """What cells are worth, and trainings of them.

    Args:
        truth: accuracy and introspectability of each cell, on average over seeds.
        bands: from the least accurate to the most.
    """

    def __init__(
        self, truth: Mapping[Genotype, tuple[float, float]], bands: Sequence[NoiseBand]
    ) -> None:
        self.truth = truth
        self.bands = list(bands)

    @classmethod
    def read(cls, folder: Path) -> "NoisyCells":
        """Read the files of a table's folder.

        Raises:
            UsageError: there are none, or they cannot be read.
        """
        try:
            text = gzip.decompress((folder / TRUTH).read_bytes()).decode()
            stated = json.loads((folder / NOISE).read_text())["bands"]
            _, *rows = csv.reader(io.StringIO(text))
            truth = {
                tuple(map(int, cell)): (float(accuracy), float(score))
                for cell, accuracy, score in rows
            }
            return cls(truth, [NoiseBand(**band) for band in stated])
        except FileNotFoundError:
            raise UsageError(
                f"{folder} has no {TRUTH} and {NOISE}; python -m "
                "benchmarks.tabular.truth makes them"
            ) from None
        except (OSError, EOFError, LookupError, TypeError, ValueError) as error:
            raise UsageError(
                f"{TRUTH} and {NOISE} of {folder} cannot be read: {error}"
            ) from error

    def band(self, cell: Genotype) -> NoiseBand:
        """Return the band that a cell belongs to by its accuracy."""
        accuracy, _ = self.truth[cell]
        number = bisect_right(self.bands, accuracy, key=lambda band: band.low)
        return self.bands[max(0, number - 1)]

    def train(self, cell: Genotype, seed: int) -> tuple[float, float]:
        """Draw the accuracy and introspectability of one training.

        Noise is cut off alike on both sides where values would become impossible, so
        that the mean over many trainings is what the cell is worth.

        Args:
            cell: as the table has it.
            seed: of the training.
        """
        _, first, second, correlation = self.band(cell)
        noise = np.random.default_rng(seed).standard_normal(2)
        noise[1] = correlation * noise[0] + sqrt(1 - correlation**2) * noise[1]
        noise *= first, second
        truth = np.array(self.truth[cell])
        room = np.minimum(truth - LOWEST, HIGHEST - truth)
        accuracy, introspectability = truth + np.clip(noise, -room, room)
        return float(accuracy), float(introspectability)
