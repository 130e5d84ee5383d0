"""Rows of runs, to compare them."""

import csv
from pathlib import Path

from xnas.results import RunFolder

ROOT = Path(__file__).parents[2]

MOMENTS = ("m:timestamp", "m:training_time", "m:xai_time")


def rows(folder):
    with open(RunFolder(folder).results, newline="") as stream:
        return [
            {name: value for name, value in row.items() if not name.startswith(MOMENTS)}
            for row in csv.DictReader(stream)
        ]
