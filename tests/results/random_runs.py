"""Run folders with many rows, lineage and Gram matrices, made from a seed."""

from contextlib import closing
from dataclasses import replace
from functools import cache

import numpy as np
from run_folders import infos, new_infos

from xnas.records import Evaluation, Times
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


OBJECTIVES = {
    "val_acc__last": (True, 0.1),
    "introspectability": (True, 0.0),
    "n_parameters": (False, 250_000),
    "training_time": (False, 60.0),
    "calm": (True, None),
}
"""Whether more is better, and the reference."""


def make_random_run(
    root, n_rows, *, seed=0, n_objectives=2, recorded=None, failing=0.1, grams=True,
    infinite=0.05, population=16, objectives=None, replicates=1, record=(), **changes,
):  # fmt: skip
    """Make the folder of a run of ``n_rows`` evaluations.

    ``recorded``: whether introspectability has a value (by default always);
    ``failing``, ``infinite``: parts of the rows that fail, or score −inf;
    ``objectives``: names out of :data:`OBJECTIVES`, recorded as this version does, else
    the first ``n_objectives`` as the version before did; ``replicates``: trainings of
    each network; ``record``: names recorded beside.
    """
    rng = np.random.default_rng(seed)
    folder = RunFolder(root)
    for part in ("gram", "activations"):
        (folder.root / part).mkdir(parents=True, exist_ok=True)
    content = complete_infos(n_objectives, **changes)
    names = list(objectives or list(OBJECTIVES)[:n_objectives])
    if objectives:
        stated = new_infos(*((name, *OBJECTIVES[name]) for name in names))
        own = ("format", "objectives", "hypervolume_reference")
        content |= {name: stated[name] for name in own}
        content["run_settings"] |= {"record": list(record)}
    write_json(folder.init_infos, content)
    columns = Columns.of_run(EDGES, len(names), record)
    recorded = True if recorded is None else recorded
    rows = []
    # Networks differ as long as there are others.
    order = rng.permutation(5**6)
    for i in range(n_rows):
        similarity = changes.get("similarity")
        one = _row(folder, rng, i, names, failing, infinite, grams, similarity)
        repeats, network = divmod(i // replicates, len(order))
        digits = np.base_repr(order[network], 5).zfill(6)
        own = {"genotype": tuple(map(int, digits)), "replicate": repeats}
        if replicates > 1:
            own["replicate"] = i % replicates
        parents = _parents(rng, i, population)
        if not recorded:
            one.metadata.pop("introspectability", None)
        known = {"generation": i // population, "parent_ids": parents}
        rows.append(replace(one, **own, **known))
    with closing(ResultsTable(folder.results, columns)) as table:
        table.append(rows)
    return folder


def _parents(rng, i, population):
    first = (i // population - 1) * population
    if first < 0:
        return ()
    pair = rng.choice(np.arange(first, first + population), 2, replace=False)
    return tuple(map(int, pair))


def _row(folder, rng, i, names, failing, infinite, grams, similarity):
    score = -np.inf
    if rng.random() >= infinite:
        score = float(rng.random())
        if grams:
            score = _write_arrays(folder, rng, i, similarity)
    measured = {
        "val_acc__last": float(np.round(rng.beta(8, 2), 4)),
        "introspectability": score,
        "n_parameters": int(rng.integers(10_000, 200_000)),
        "training_time": round(float(rng.gamma(5, 1)), 3),
        "xai_time": round(float(rng.gamma(2, 0.1)), 3),
        "calm": float(rng.normal()),
    }
    values = tuple(
        float(measured[name] if OBJECTIVES[name][0] else -measured[name])
        for name in names
    )
    failure = str(rng.choice(FAILURES)) if rng.random() < failing else None
    kept = ("n_parameters", "introspectability", "training_time", "xai_time", "calm")
    metadata = {name: measured[name] for name in kept}
    if failure:
        del metadata["introspectability"]
    ended = BEGUN + 3 * i + 6 + float(rng.random())
    return Evaluation(
        i,
        (),
        objectives=None if failure else values,
        failure=failure,
        metadata=metadata,
        times=Times(started=BEGUN + 3 * i, ended=ended),
        host=f"n{i % 3}",
        worker=i % 2,
    )


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
