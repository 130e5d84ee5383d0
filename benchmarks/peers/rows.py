"""The file of all shares, to which every search adds when it ends."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers.comparison import KEYS, Task
from benchmarks.peers.roster import PEERS
from benchmarks.peers.tasks import TASKS
from xnas.errors import UsageError

COLUMNS = [*KEYS, "evaluations", "above_reference", "above_mean", "networks"]


def read(path: Path, flag: str = "--from") -> pd.DataFrame:
    """Read the rows of a file.

    Args:
        path: of the file.
        flag: that named it.

    Raises:
        UsageError: it is none of these.
    """
    try:
        rows = pd.read_csv(path)[COLUMNS]
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(
            f"{flag} {path} cannot be read ({error}), expected a file of --rows"
        ) from error
    return rows


def take_up(path: Path, tasks: Sequence[Task]) -> list[Task]:
    """Prepare a file for more rows.

    What a search left that did not end, or made another number of evaluations, goes.

    Args:
        path: of the file; need not exist.
        tasks: to run.

    Returns:
        Those that did not run yet.

    Raises:
        UsageError: the file holds something else.
    """
    rows = pd.DataFrame(columns=COLUMNS)
    if path.exists():
        rows = read(path, "--rows").dropna()
        whole = ("in_flight", "seed", "evaluations", "networks")
        rows = rows.astype(dict.fromkeys(whole, int))
    made = rows.groupby(KEYS)["evaluations"].max().to_dict()
    asked = {task.key: task.evaluations for task in tasks}
    lacking = [task for task in tasks if made.get(task.key) != task.evaluations]
    keys = rows[KEYS].itertuples(index=False, name=None)
    stays = np.array([made[key] == asked.get(key, made[key]) for key in keys], bool)
    draft = path.with_name(f"{path.name}.part")
    rows[stays].to_csv(draft, index=False)
    draft.replace(path)
    return lacking


def append(path: Path, rows: pd.DataFrame) -> None:
    """Add the rows of a search at a time, so that an interruption loses no other."""
    text = rows[COLUMNS].to_csv(header=False, index=False)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def in_order(found: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join rows in an order that does not tell which process was the quickest."""
    orders = {"task": list(TASKS), "search": list(PEERS)}

    def place(column: "pd.Series") -> "pd.Series":
        if column.name not in orders:
            return column
        known = orders[str(column.name)]
        return column.map(
            lambda name: (known.index(name) if name in known else len(known), name)
        )

    rows = pd.concat(found, ignore_index=True)
    return rows.sort_values([*KEYS, "evaluations"], key=place, ignore_index=True)
