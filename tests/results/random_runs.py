"""Run folders with many rows, lineage and Gram matrices, made from a seed."""

from functools import cache

import numpy as np
from run_folders import infos

from xnas.results import (
    Columns,
    ResultsTable,
    RunFolder,
    write_activations,
    write_gram,
    write_json,
)
from xnas.xai import introspectability

EDGES = tuple(f"edge_{i}" for i in range(6))
LAYERS = ("stem.conv", "cell_0.edge_0.relu", "cell_0.edge_0.conv")
SIZES = (4, 3, 5)
FAILURES = ("F_nan", "F_timeout", "F_exception", "F_out_of_memory", "F_worker_died")
BEGUN = 1_800_000_000.0


@cache
def space():
    """The digits task's search space, as ``init_infos.json`` has it."""
    from xnas.search_space_common import nas_bench_201_search_space

    return nas_bench_201_search_space((8, 8, 1), (10,), stack_size=1).describe()


def complete_infos(n_objectives=2, **changes):
    """``init_infos.json`` with all that a search writes."""
    content = infos(
        n_objectives,
        xnas="0.1.0",
        started="2027-01-15T08:00:00+00:00",
        problem={"objective": "val_acc__last", "hyperparameters": {"num_epochs": 6}},
        space=space(),
        class_names=[f"class {i}" for i in range(5)],
        similarity=None,
        environment={"python": "3.11.7", "host": "n1", "packages": {"keras": "3.15"}},
        command=["deephyper_xnas", "nas", "nsga2"],
    )
    content["arguments"] |= {"evaluator": "process"}
    content["run_settings"] |= {"seed": 3, "divide_by_mean_similarity": False}
    return content | changes


def make_random_run(
    root, n_rows, *, seed=0, n_objectives=2, recorded=None, failing=0.1, grams=True,
    infinite=0.05, population=16, **changes,
):  # fmt: skip
    """Make the folder of a run of ``n_rows`` evaluations.

    ``recorded``: whether introspectability has a value (by default always);
    ``failing``, ``infinite``: parts of the rows that fail, or score −inf.
    """
    rng = np.random.default_rng(seed)
    folder = RunFolder(root)
    for part in ("gram", "activations"):
        (folder.root / part).mkdir(parents=True, exist_ok=True)
    write_json(folder.init_infos, complete_infos(n_objectives, **changes))
    columns = Columns(EDGES, n_objectives)
    recorded = True if recorded is None else recorded
    with ResultsTable(folder.results, columns) as table:
        table.append(
            [
                _row(
                    folder, rng, columns, i, population, failing, infinite, grams,
                    recorded, changes.get("similarity"),
                )
                for i in range(n_rows)
            ]
        )  # fmt: skip
    return folder


def _row(
    folder, rng, columns, i, population, failing, infinite, grams, recorded, similarity
):
    generation = i // population
    parents = []
    if generation:
        first = (generation - 1) * population
        parents = rng.choice(np.arange(first, first + population), 2, replace=False)
    genotype = rng.integers(0, 5, 6).tolist()
    score = -np.inf
    if rng.random() >= infinite:
        score = float(rng.random())
        if grams:
            score = _write_arrays(folder, rng, i, similarity)
    accuracy = float(np.round(rng.beta(8, 2), 4))
    objective = (accuracy, score)[: columns.n_objectives]
    if rng.random() < failing:
        objective, score = str(rng.choice(FAILURES)), None
    metadata = {
        "id": i,
        "arch_seq": str(genotype),
        "generation": generation,
        "parent_ids": str([int(one) for one in parents]),
        "n_parameters": int(rng.integers(10_000, 200_000)),
        "introspectability": score if recorded else None,
        "training_time": round(float(rng.gamma(5, 1)), 3),
        "xai_time": round(float(rng.gamma(2, 0.1)), 3),
        "timestamp_start": BEGUN + 3 * i,
        "timestamp_end": BEGUN + 3 * i + 6 + float(rng.random()),
        "host": f"n{i % 3}",
        "worker": i % 2,
    }
    if len(objective) == 1:
        objective = objective[0]
    return columns.row(genotype, objective, i, "DONE", metadata)


def _write_arrays(folder, rng, i, similarity):
    """Write class vectors of one network, and return their introspectability."""
    means = np.abs(rng.normal(size=(5, sum(SIZES))))
    pieces = np.split(means, np.cumsum(SIZES)[:-1], axis=1)
    arrays = {
        "classes": np.arange(5),
        "layer_names": list(LAYERS),
        "layer_sizes": list(SIZES),
    }
    write_gram(
        folder.gram(i),
        gram=np.stack([piece @ piece.T for piece in pieces]),
        counts=np.arange(5) + 30,
        **arrays,
    )
    if i % 4 == 0:
        write_activations(
            folder.activations(i), means=means.astype(np.float32), **arrays
        )
    return introspectability(dict(enumerate(means)), similarity)
