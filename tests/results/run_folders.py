"""Run folders as searches leave them, made with the package's own writers."""

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


def row(columns, number, objective, host="n1", end=NOW, seconds=4.0):
    metadata = {"id": number, "arch_seq": "[1, 2]", "host": host}
    metadata |= {"timestamp_start": end - seconds, "timestamp_end": end}
    return columns.row([1, 2], objective, number, "DONE", metadata)


def make_run(
    root,
    outcomes=(),
    *,
    begun=None,
    started=None,
    last_sign=None,
    n_objectives=2,
    **changes,
):
    """Make a run folder.

    ``outcomes``: one objective an evaluation, or keywords for ``row``; ``None`` for no
    table; ``begun``: when the search was; ``started``: how many evaluations were (those
    with a row).
    """
    folder = RunFolder(root)
    folder.root.mkdir(parents=True, exist_ok=True)
    write_json(folder.init_infos, infos(n_objectives, started=begun, **changes))
    if outcomes is not None:
        columns = Columns(("a", "b"), n_objectives)
        with ResultsTable(folder.results, columns) as table:
            table.append(
                [
                    row(columns, i, **one)
                    if isinstance(one, dict)
                    else row(columns, i, one)
                    for i, one in enumerate(outcomes)
                ]
            )
    count = len(outcomes or ()) if started is None else started
    if count:
        folder.append_started([{"id": i, "time": NOW} for i in range(count)])
    if last_sign is not None:
        write_json(folder.sign_of_life, last_sign)
    return folder
