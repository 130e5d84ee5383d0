"""How well workers are kept busy, with evaluations that only sleep.

Run as ``python -m benchmarks.cluster``: a Ray cluster of two nodes against one of one
node, and 16 workers against the time that their evaluations take at least.
"""

import os
import tempfile
import time
from collections.abc import Mapping
from typing import Any

# Read by Ray when it loads.
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import pandas as pd
import ray
from ray.cluster_utils import Cluster

from benchmarks.bookkeeping import make_problem
from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.nsga_ii import NSGAII

SECONDS = 2.0
WORKERS = 16
POPULATION = 64


def sleep(job: Mapping[str, Any]) -> tuple[float, float]:
    """Return two objectives after a while."""
    time.sleep(SECONDS)
    choices = job["arch_seq"]
    return sum(choices) / 40, sum((4 - c) * i for i, c in enumerate(choices)) / 180


def search(nodes: int, workers_per_node: int, evaluations: int) -> pd.DataFrame:
    """Search on a Ray cluster of several nodes, all on this machine.

    Args:
        nodes: number of nodes.
        workers_per_node: workers of each.
        evaluations: how many.

    Returns:
        The rows.
    """
    cluster = Cluster()
    for _ in range(nodes):
        cluster.add_node(num_cpus=workers_per_node, object_store_memory=80 * 2**20)
    ray.init(address=cluster.address, log_to_driver=False, logging_level=40)
    evaluator = create_evaluator("ray", sleep)
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = NSGAII(
                make_problem(),
                random_state=0,
                log_dir=folder,
                population_size=POPULATION,
            )
            rows = made.search(evaluator, max_evals=evaluations)
    finally:
        evaluator.close()
        ray.shutdown()
        cluster.shutdown()
    if rows is None or len(rows) != evaluations:
        raise RuntimeError(f"expected {evaluations} rows")
    return rows


def seconds_once_started(rows: pd.DataFrame, workers: int) -> float:
    """Time that the workers had on average, from their first evaluation on.

    Args:
        rows: of a search.
        workers: how many it had.

    Returns:
        Seconds to the end of the last evaluation; starting a worker's process does not
        count, waiting for evaluations of others does.
    """
    first_ends = rows.groupby("m:worker")["m:timestamp_end"].min()
    if len(first_ends) != workers:
        raise RuntimeError(f"{len(first_ends)} of {workers} workers evaluated")
    return float(rows["m:timestamp_end"].max() - first_ends.mean() + SECONDS)


def main() -> None:
    """Print both comparisons."""
    per_node, evaluations = 4, 64
    rates = {}
    for nodes in (1, 2):
        rows = search(nodes, per_node, evaluations)
        rates[nodes] = evaluations / seconds_once_started(rows, nodes * per_node)
        print(
            f"{nodes} node(s) of {per_node} workers: {60 * rates[nodes]:.0f} "
            f"evaluations of {SECONDS:g} s a minute",
            flush=True,
        )
    print(f"two nodes do {rates[2] / rates[1]:.2f} times the work of one", flush=True)
    evaluations = 256
    ideal = evaluations * SECONDS / WORKERS
    seconds = seconds_once_started(search(2, WORKERS // 2, evaluations), WORKERS)
    print(
        f"{WORKERS} workers: {evaluations} evaluations in {seconds:.1f} s, "
        f"{seconds / ideal:.2f} times the ideal {ideal:.0f} s"
    )


if __name__ == "__main__":
    main()
