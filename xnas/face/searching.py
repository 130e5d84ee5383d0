"""From a request to a finished search: what the command does, and ``xnas.search``."""

import inspect
import logging
import sys
from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TextIO

import cloudpickle

from xnas.errors import MissingObjectiveError, UsageError, XNASError, one_line
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trainer_choice import TrainerChoice, choose_trainer
from xnas.face.ending import WARNING, Around, Goal, Outcome, search_to_end
from xnas.face.failures import FailureLimit
from xnas.face.log import logging_to
from xnas.face.objectives import NO_REPEAT, choose_objectives, of_training_data
from xnas.face.progress import Progress
from xnas.face.quiet import load_tensorflow
from xnas.face.request import Request, Say, option_defaults, with_flags
from xnas.face.task import check_task, choose_settings, load_problem
from xnas.imports import load_object
from xnas.nas_deephyper.adapters import adapter_of
from xnas.nas_deephyper.evaluator import (
    XNASEvaluator,
    create_evaluator,
    expected_workers,
)
from xnas.nas_deephyper.heartbeat import write_heartbeat
from xnas.nas_deephyper.search import OnRows, XNASSearch
from xnas.objectives import TRAINING_TIME, Objective
from xnas.problem import NaProblem
from xnas.results import RunFolder
from xnas.results.latest import RESULTS, task_name
from xnas.searches import find_search
from xnas.space import KSearchSpace
from xnas.tasks import space_of
from xnas.tasks.suspicions import suspicions

logger = logging.getLogger("xnas")


WORKERS = (
    *("num_cpus_per_task", "num_gpus_per_task", "num_workers", "memory_per_worker"),
    *("evaluation_timeout", "ray_address"),
)
"""Settings of workers; the first two are recorded by themselves as well."""


Again = Callable[[XNASSearch], Goal]
"""Tells what a run that was taken over is to come to."""


@dataclass(frozen=True)
class Prepared:
    """A search whose settings were checked; nothing is written yet.

    Args:
        request: what was asked for, seed, folder and trainer filled in.
        problem: the task.
        run: evaluates one network.
        run_kwargs: what it is given beside its job.
        settings: the same for all evaluations.
        objectives: what is looked for.
        recorded: what a run function of one's own is to give besides.
        choice: of the trainer, where this package trains.
        space: the search space.
    """

    request: Request
    problem: NaProblem
    run: Callable[..., Any]
    run_kwargs: dict[str, Any]
    settings: RunSettings
    objectives: tuple[Objective, ...]
    recorded: tuple[str, ...]
    choice: TrainerChoice | None
    space: KSearchSpace


def carry_out(
    request: Request,
    problem: NaProblem | None = None,
    run: Callable[..., Any] | None = None,
    *,
    resume: bool,
    again: Again | None = None,
    say: Say,
    stream: TextIO | None,
    around: Around = lambda search: nullcontext(),
    verbose: bool = False,
    command: list[str] | None = None,
) -> Outcome:
    """Check everything, then search.

    Args:
        request: what is asked for.
        problem: the task itself, which workers then get; otherwise they import it.
        run: the run function itself, likewise.
        resume: whether the folder's run is to be carried on.
        again: what to come to instead of what is asked for, once the run is known.
        say: shows a line.
        stream: where progress is shown, ``None`` for nowhere.
        around: surrounds the search proper.
        verbose: whether to log DeepHyper's own messages.
        command: the command line, to record it.

    Returns:
        How the search ended.

    Raises:
        XNASError: something is wrong that the user can mend; nothing was written.
    """
    if request.problem is None and problem is None:
        raise UsageError(
            f"the task of {request.log_dir} was defined in a notebook or a script, "
            "expected xnas.search(Problem, resume=...) or "
            "xnas.confirm(..., problem=Problem) from there"
            if resume
            else "--problem is missing, expected a task such as "
            "experiments.digits.problem.Problem"
        )
    request = replace(request, log_dir=_folder_of(request))
    folder = RunFolder(str(request.log_dir))
    if resume:
        folder.refuse_if_busy()
    else:
        folder.refuse_if_taken()
    prepared = _prepare(request, problem, run, say, resume=resume)
    goal = Goal(request.max_evals, request.timeout, request.confirm or 0)
    progress = Progress(None, prepared.objectives, stream)
    on_rows = FailureLimit(progress, request.max_failures, folder)

    def search_with(evaluator: XNASEvaluator, search: XNASSearch) -> Outcome:
        with logging_to(folder.log, verbose):
            _announce(search, evaluator, goal, say)
            return search_to_end(search, evaluator, progress, goal, around)

    if not resume:
        # A worker that fits nowhere is refused before there is a folder.
        with closing(_make_evaluator(prepared, say)) as evaluator:
            search = _make_search(prepared, on_rows, resume, command)
            progress.take_over([], goal.total(search))
            outcome = search_with(evaluator, search)
        if isinstance(outcome.error, MissingObjectiveError) and not outcome.n_rows:
            # Nothing else than another search can follow.
            folder.remove_run()
        return outcome
    search = _make_search(prepared, on_rows, resume, command)
    try:
        search.take_over()
        goal = goal if again is None else again(search)
        progress.take_over(search.recorder.evaluations, goal.total(search))
        if goal.is_reached(search):
            progress.close()
            search.conclude()
            return Outcome(search, progress, "complete")
        # Starting Ray takes a while, in which the last one would be an old one.
        write_heartbeat(search, "preparing")
        with closing(_make_evaluator(prepared, say)) as evaluator:
            return search_with(evaluator, search)
    finally:
        search.folder.release()


def _folder_of(request: Request) -> str:
    if request.log_dir is not None:
        return str(RunFolder(request.log_dir).root)
    task = task_name(request.problem) if request.problem else "script"
    return str(RESULTS / task / datetime.now().strftime("%Y-%m-%dT%H%M%S"))


def _prepare(
    request: Request,
    problem: NaProblem | None,
    run: Callable[..., Any] | None,
    say: Say,
    *,
    resume: bool,
) -> Prepared:
    before: dict[str, Any] = {}
    if resume:
        before = RunFolder(str(request.log_dir)).infos().get("run_settings") or {}
        request = _with_recorded_path(request, before.get("problem"))
    run = _load_run_function(request.run) if run is None else run
    takes_settings = _takes(run, "settings")
    check = getattr(run, "check", None)
    if takes_settings and check is None:
        load_tensorflow()
    task = load_problem(problem or str(request.problem), request.hyperparameters)
    if "tensorflow" in sys.modules:
        load_tensorflow()  # by the task: without GPUs all the same
    is_ours = getattr(getattr(run, "func", run), "returns_objectives", False)
    settings = choose_settings(request, task, check_metrics=is_ours)
    if resume:
        sample = before.get("scored_sample", "first")
        settings = replace(settings, scored_sample=sample)
    if TRAINING_TIME in (name.removeprefix("-") for name in settings.objectives or ()):
        say(f"{WARNING}{NO_REPEAT}")
    for name in of_training_data(settings.objectives or (), task) if is_ours else ():
        say(
            f"{WARNING}{name} is measured on training examples, which networks may "
            f"know by heart; val_{name} is of the validation examples"
        )
    choice = space = None
    n_classes = 0
    if check is not None:
        # It neither trains nor reads the task's data.
        check(settings)
    elif takes_settings:
        choice, space, n_classes = _check_task(
            request, task, settings, say, resume=resume
        )
        # On record, since a longer search that goes on must not choose again.
        request = replace(request, trainer=choice.trainer)
        settings = replace(settings, trainer=choice.trainer)
    kwargs: dict[str, Any] = {"settings": settings} if takes_settings else {}
    if problem is not None and _takes(run, "problem", exactly=True):
        kwargs |= _sent(problem, request.problem)
    space = space or space_of(task)
    n_classes = n_classes or space.output_shape[-1]
    objectives, recorded = choose_objectives(
        request, task, n_classes, check_metrics=is_ours
    )
    # What 2021's flags record, and runs of before, may go without.
    is_asked = not (resume or is_ours)
    asked = tuple(n for n in recorded if is_asked and n in request.record)
    request = replace(request, seed=settings.seed)
    return Prepared(
        request, task, run, kwargs, settings, objectives, asked, choice, space
    )


def _with_recorded_path(request: Request, recorded: str | None) -> Request:
    """Call the task as the run calls it, if both paths name the same one."""
    given = request.problem
    if given is None or recorded is None or given == recorded:
        return request
    try:
        is_same = load_object(given, "--problem") is load_object(recorded, "--problem")
    except XNASError:
        return request  # what is wrong is told where the task is loaded
    return replace(request, problem=recorded) if is_same else request


def _load_run_function(path: str) -> Callable[..., Any]:
    # One's own function need not wait for TensorFlow, ours loads it: quietly, so first.
    if path == Request.run:
        load_tensorflow()
    run = load_object(path, "--run")
    if not callable(run):
        raise UsageError(f"--run is {path!r}, expected a function")
    return run


def _takes(run: Callable[..., Any], name: str, *, exactly: bool = False) -> bool:
    """Whether a run function wants something beside its job."""
    try:
        parameters = inspect.signature(run).parameters.values()
    except (TypeError, ValueError):
        return False
    any_name = not exactly and any(p.kind is p.VAR_KEYWORD for p in parameters)
    return any_name or any(p.name == name for p in parameters)


def _sent(problem: NaProblem, path: str | None) -> dict[str, NaProblem]:
    """Return the task as workers get it, nothing where they have to import it.

    Raises:
        UsageError: they could not, either.
    """
    try:
        cloudpickle.dumps(problem)
    except Exception as error:
        if path is not None:
            return {}
        raise UsageError(
            f"the Problem cannot be sent to workers ({one_line(error)}), "
            "expected one without open files and the like, or one in a module of its "
            "own that workers can import"
        ) from error
    return {"problem": problem}


def _check_task(
    request: Request,
    problem: NaProblem,
    settings: RunSettings,
    say: Say,
    *,
    resume: bool,
) -> tuple[TrainerChoice, KSearchSpace, int]:
    """Check the task before anything is written; lets go of its data afterwards.

    Returns:
        The trainer, the search space, and how many classes there are.
    """
    data, _ = check_task(problem, settings)
    for sentence in suspicions(data, problem):
        say(f"{WARNING}{sentence}")
    choice = choose_trainer(
        request.trainer,
        problem,
        data,
        max_evals=request.max_evals,
        num_workers=expected_workers(
            request.evaluator,
            request.num_workers,
            request.num_cpus_per_task,
            # Who has chosen a trainer need not wait for Ray twice.
            request.ray_address if request.trainer == "auto" else None,
        ),
        on_gpus=bool(request.num_gpus_per_task),
    )
    if resume and choice.trainer == request.trainer:
        choice = replace(choice, reason="as when the run began")
    say(f"Trainer: {choice}.")
    return choice, space_of(problem, data), data.n_classes


def _make_evaluator(prepared: Prepared, say: Say) -> XNASEvaluator:
    request = prepared.request
    say(f"Preparing {request.evaluator} workers.")
    return create_evaluator(
        request.evaluator,
        prepared.run,
        **{name: getattr(request, name) for name in WORKERS},
        run_function_kwargs=prepared.run_kwargs or None,
        objectives=prepared.objectives,
        recorded=prepared.recorded,
        task_objective=prepared.problem.objective_name,
        log_dir=RunFolder(str(request.log_dir)).logs,
    )


def _make_search(
    prepared: Prepared, on_rows: OnRows, resume: bool, command: list[str] | None
) -> XNASSearch:
    request, settings = prepared.request, prepared.settings
    options = dict(request.options)
    options.pop("asynchronous", None)
    try:
        return adapter_of(find_search(request.algorithm))(
            prepared.problem,
            random_state=settings.seed,
            log_dir=str(request.log_dir),
            objectives=prepared.objectives,
            recorded=settings.recorded,
            run_settings=settings,
            infos={
                "command": command,
                "run": request.run,
                "arguments": request.to_json(),
                "trainer": prepared.choice and prepared.choice.to_json(),
                "workers": {
                    name: getattr(request, name) for name in ("evaluator", *WORKERS[:2])
                },
            },
            deduplicate=request.deduplicate,
            on_rows=on_rows,
            space=prepared.space,
            resume=resume,
            **options,
        )
    except ValueError as error:
        names = option_defaults(request.search)
        raise UsageError(with_flags(str(error), names)) from error


def _announce(
    search: XNASSearch, evaluator: XNASEvaluator, goal: Goal, say: Say
) -> None:
    names = ", ".join(one.text for one in search.objectives)
    message = (
        f"{type(search).__name__} for {names}: {search.space.size:,} networks, "
        f"{evaluator.num_workers} worker(s), seed {search.seed}, "
        f"writing to {search.folder.root}"
    )
    if search.recorder.n_before:
        message += f", which holds {search.recorder.n_before} evaluation(s) already"
    logger.info(message)
    say(message)
    if remark := goal.remark(search):
        logger.warning(remark)
        say(f"{WARNING}{remark}")
