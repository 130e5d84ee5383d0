"""Instant run functions and ways to read what a search left."""

import csv
import itertools
import json
import time

import pandas as pd

from xnas.results import RunFolder


def trade_off(arch_seq):
    """Two smooth objectives that pull apart."""
    first = sum(arch_seq) / (4 * len(arch_seq))
    second = sum((4 - c) * (i + 1) for i, c in enumerate(arch_seq)) / 84
    return first, second


async def instant(job):
    return {
        "objective": trade_off(job["arch_seq"]),
        "metadata": {"n_parameters": 7},
    }


async def instant_single(job):
    return trade_off(job["arch_seq"])[0]


def rows_of(folder):
    """The table's rows as text, one dictionary a row."""
    with open(RunFolder(folder).results, newline="") as stream:
        return list(csv.DictReader(stream))


def read(folder):
    table = pd.read_csv(RunFolder(folder).results)
    table["arch"] = table["m:arch_seq"].map(lambda text: tuple(json.loads(text)))
    table["parents"] = table["m:parent_ids"].map(json.loads)
    return table


def brute_force_front(points):
    """Flags of the points that no other point dominates."""
    return [
        not any(
            all(b >= a for a, b in zip(p, q, strict=True)) and tuple(p) != tuple(q)
            for q in points
        )
        for p in points
    ]


def slow(job):
    """Two tenths of a second; what it printed is in the evaluation's log."""
    time.sleep(0.2)
    print("evaluated")
    return trade_off(job["arch_seq"])


def slow_single(job):
    return slow(job)[0]


def failing(job):
    raise RuntimeError("this network cannot be built")


def first_fails(job):
    if job["job_id"] == 0:
        failing(job)
    return trade_off(job["arch_seq"])


def only_first(job):
    if job["job_id"] > 0:
        failing(job)
    return trade_off(job["arch_seq"])


def hangs(job):
    time.sleep(3600)


not_a_function = 3


MEASURED = itertools.count()


def later_without(job):
    """A function of one's own that measures nothing more from the third network on."""
    metadata = {"watts": 1} if next(MEASURED) < 2 else {}
    return {"objective": trade_off(job["arch_seq"])[0], "metadata": metadata}


def measured(job):
    """A function of one's own, whose other objectives are among its metadata."""
    first, second = trade_off(job["arch_seq"])
    time.sleep(0.05)
    return {
        "objective": first,
        "metadata": {"watts": 1 - second, "metres": sum(job["arch_seq"][:3])},
    }
