"""Run folders as searches leave them, made with the package's own writers."""

import os
from contextlib import closing

from xnas.records import Evaluation, Times
from xnas.results import Columns, ResultsTable, RunFolder, write_json

NAMES = ("val_acc__last", "introspectability")
NOW = 1_800_000_000.0


def infos(n_objectives=2, **changes):
    return {
        "objectives": list(NAMES[:n_objectives]),
        "search": {"type": "NSGAII", "seed": 3, "population_size": 8, "max_evals": 64},
        "run_settings": {"problem": "experiments.digits.problem.Problem"},
        "hypervolume_reference": [0.1, 0.0][:n_objectives],
        "arguments": {"search": "nsga2"},
        **changes,
    }


def new_infos(*objectives, **changes):
    """``init_infos.json`` of this version; ``(name, maximize, reference)`` each."""
    keys = ("name", "maximize", "reference")
    stated = [dict(zip(keys, one, strict=True)) for one in objectives]
    corner = {"hypervolume_reference": None}
    return {**infos(), **corner, "format": 3, "objectives": stated, **changes}


def sign(state="running", age=3.0, **changes):
    return {
        "time": NOW - age,
        "host": "n1",
        "pid": 4711,
        "slurm_job": None,
        "state": state,
        "since": NOW - 120,
        "rows_before": 0,
        "workers": 2,
        "running": [],
        **changes,
    }


def evaluation(number, outcome, genotype=None, **known):
    """An evaluation of network ``genotype``, by default one of its own.

    ``outcome``: stored values, one or several, or ``F_<reason>``.
    """
    genotype = (1, 2 + number) if genotype is None else genotype
    if isinstance(outcome, str):
        return Evaluation(number, tuple(genotype), failure=outcome, **known)
    values = outcome if isinstance(outcome, (tuple, list)) else (outcome,)
    return Evaluation(number, tuple(genotype), objectives=tuple(values), **known)


def row(number, objective, host="n1", end=NOW, seconds=4.0, **known):
    times = known.pop("times", None)
    if times is None:
        times = Times() if end is None else Times(started=end - seconds, ended=end)
    return evaluation(number, objective, host=host, times=times, **known)


def make_run(
    root,
    outcomes=(),
    *,
    begun=None,
    started=None,
    last_sign=None,
    n_objectives=2,
    content=None,
    recorded=(),
    variables=("a", "b"),
    **changes,
):
    """Make a run folder.

    ``outcomes``: one objective an evaluation, or keywords for ``row``; ``None`` for no
    table; ``begun``: when the search was; ``started``: how many evaluations were (those
    with a row); ``content``: of ``init_infos.json``, instead of the usual one.
    """
    folder = RunFolder(root)
    folder.root.mkdir(parents=True, exist_ok=True)
    if content is None:
        content = infos(n_objectives, started=begun, **changes)
    write_json(folder.init_infos, content)
    if outcomes is not None:
        columns = Columns.of_run(variables, len(content["objectives"]), recorded)
        rows = [
            row(i, **one) if isinstance(one, dict) else row(i, one)
            for i, one in enumerate(outcomes)
        ]
        with closing(ResultsTable(folder.results, columns)) as table:
            table.append(rows)
    count = len(outcomes or ()) if started is None else started
    if count:
        folder.append_started([{"id": i, "time": NOW} for i in range(count)])
    if last_sign is not None:
        write_json(folder.heartbeat, last_sign)
        os.utime(folder.heartbeat, (last_sign["time"], last_sign["time"]))
    return folder
