"""From a run folder to its task, ready to train one network."""

import json
from collections.abc import Iterator, Mapping
from inspect import Parameter, signature
from typing import Any

from xnas.errors import UsageError
from xnas.evaluation.settings import RunSettings
from xnas.face.request import Say
from xnas.face.task import check_task, load_problem
from xnas.final_training.choice import Chosen
from xnas.final_training.replicate import Trainable, without_files
from xnas.final_training.settings import Settings
from xnas.problem import NaProblem
from xnas.results.run import Run
from xnas.space import KSearchSpace
from xnas.tasks import space_of
from xnas.training.data import TaskData

OWN_RUN_FUNCTION = "xnas.nas_deephyper.nas_run.run"


def prepare(
    run: Run, chosen: Chosen, given: Mapping[str, Any], say: Say
) -> tuple[Settings, Trainable]:
    """Import a run's task, load its data, and settle how to train.

    Args:
        run: the run.
        chosen: the evaluation to train.
        given: settings that flags give, ``num_cpus`` among them.
        say: told what of the task changed since.

    Returns:
        All settings, and the network to train.

    Raises:
        UsageError: the run does not say which task it was, the task is another by now,
            or a setting does not fit it.
        TaskError: the task fails.
    """
    recorded = _run_settings(run)
    problem = _load_problem(run, recorded, given)
    data, weights = check_task(problem, recorded)
    space = _space(run, problem, data, given.get("filter_scale_factor"))
    for change in _changes(run, problem):
        say(f"deephyper_xnas: warning: {change}")
    values = problem.hyperparameter_values
    settings = Settings(
        run=str(run.folder.root),
        evaluation=chosen.id,
        arch_seq=chosen.arch_seq,
        epochs=values["num_epochs"],
        batch_size=values["batch_size"],
        filter_scale_factor=given.get("filter_scale_factor"),
        replicates=given.get("replicates") or 1,
        seed=recorded.seed if given.get("seed") is None else given["seed"],
        num_cpus=given["num_cpus"],
        task=problem.to_json(),
    )
    return settings, Trainable(
        problem, data, space, chosen.arch_seq, recorded, weights, run.objectives
    )


def _run_settings(run: Run) -> RunSettings:
    found = run.infos.get("run_settings")
    if not isinstance(found, dict) or not {"problem", "seed"} <= set(found):
        raise UsageError(
            f"{run.folder.init_infos} records no import path of the problem, as of a "
            "DeepHyper search made in Python, expected a run of `nas` or of "
            "xnas.search"
        )
    if found["problem"] is None:
        raise UsageError(
            f"the task of {run.folder.root} was defined in a notebook or a script and "
            "has no import path, expected a task in a module of its own"
        )
    return RunSettings.from_json(found, [one.text for one in run.objectives])


def _load_problem(
    run: Run, recorded: RunSettings, given: Mapping[str, Any]
) -> NaProblem:
    names = {"epochs": "num_epochs", "batch_size": "batch_size"}
    values = {
        names[name]: value
        for name, value in given.items()
        if name in names and value is not None
    }
    hyperparameters = {**recorded.hyperparameters, **values}
    flag = f"the task of {run.folder.root}"
    return without_files(load_problem(str(recorded.problem), hyperparameters, flag))


def _space(
    run: Run, problem: NaProblem, data: TaskData, factor: float | None
) -> KSearchSpace:
    space = space_of(problem, data)
    now = json.loads(json.dumps(space.describe()))
    if not _agrees(run.infos.get("space"), now):
        raise UsageError(
            f"{problem.search_space_file}: the search space is another one than in "
            f"{run.folder.init_infos}, where {run.folder.root} searched it, expected "
            "the same"
        )
    if factor is None:
        return space
    function = problem.search_space_function
    parameters = signature(function).parameters.values()
    if not any(
        p.name == "filter_scale_factor" or p.kind is Parameter.VAR_KEYWORD
        for p in parameters
    ):
        raise UsageError(
            f"--filter-scale-factor is {factor}, but {function.__name__} in "
            f"{problem.search_space_file} takes no filter_scale_factor, expected one "
            "that does"
        )
    return space_of(problem, data, filter_scale_factor=factor)


def _agrees(recorded: Any, now: Any) -> bool:
    """Whether all that is recorded is so now; later versions may record more."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        return all(_agrees(value, now.get(key)) for key, value in recorded.items())
    if isinstance(recorded, list) and isinstance(now, list):
        return len(recorded) == len(now) and all(map(_agrees, recorded, now))
    return bool(recorded == now)


def _changes(run: Run, problem: NaProblem) -> Iterator[str]:
    """Say what of the task is no longer as in the search."""
    if run.infos.get("run") not in (None, OWN_RUN_FUNCTION):
        yield (
            f"the search evaluated its networks with --run {run.infos['run']}, which "
            "this command does not use"
        )
    then, now = dict(run.infos.get("problem") or {}), problem.to_json()
    for part in (then, now):
        part["hyperparameters"] = dict(part.get("hyperparameters") or {})
        for name in ("num_epochs", "batch_size", "callbacks", "verbose"):
            part["hyperparameters"].pop(name, None)
    changed = [name for name in now if name in then and now[name] != then[name]]
    if changed:
        yield (
            f"{', '.join(changed)} of the task changed since {run.folder.root} was "
            "searched; the network is trained with what the task says now"
        )
