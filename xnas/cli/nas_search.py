"""From checked flags to a finished search."""

import argparse
import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xnas.cli.nas_ending import is_complete, search_to_end, tell_complete
from xnas.cli.progress import Progress
from xnas.cli.quiet import load_tensorflow
from xnas.cli.resume import flags_of_run, flags_to_record
from xnas.cli.task import check_task, load_problem, run_settings
from xnas.errors import UsageError, is_disk_full
from xnas.evaluation.settings import RunSettings
from xnas.evaluation.trainer_choice import TrainerChoice, choose_trainer
from xnas.imports import load_object
from xnas.nas_deephyper.evaluator import create_evaluator, expected_workers
from xnas.nas_deephyper.heartbeat import write_sign
from xnas.nas_deephyper.nsga_ii import NSGAII, AsynchronousNSGAII
from xnas.nas_deephyper.regevo_xnas import RegularizedEvolutionXNAS
from xnas.nas_deephyper.search import XNASSearch
from xnas.problem import NaProblem
from xnas.results import RunFolder
from xnas.results.latest import RESULTS, task_name
from xnas.space import KSearchSpace
from xnas.tasks import space_of
from xnas.tasks.suspicions import suspicions

logger = logging.getLogger("xnas")

SEARCHES: dict[str, Any] = {
    "nsga2": NSGAII,
    "nsgaii": NSGAII,
    "regevo_xnas": RegularizedEvolutionXNAS,
    "regevo-xnas": RegularizedEvolutionXNAS,
}


def run_search(arguments: argparse.Namespace) -> int:
    """Check everything, then search.

    Args:
        arguments: the flags of ``deephyper_xnas nas``.

    Returns:
        The exit status: 0 done, 1 failed, 75 stopped early, 130 interrupted.

    Raises:
        XNASError: something is wrong that the user can mend; nothing was written.
    """
    if arguments.resume is not None:
        arguments = flags_of_run(arguments)
    if arguments.problem is None:
        raise UsageError(
            "--problem is missing, expected a task such as "
            "experiments.digits.problem.Problem"
        )
    folder = RunFolder(arguments.log_dir or _default_folder(arguments.problem))
    if arguments.resume is None:
        folder.refuse_if_taken()
    else:
        folder.refuse_if_busy()
    run = _load_run_function(arguments.run)
    problem = load_problem(arguments)
    settings = run_settings(arguments, problem.objective_name, folder.root)
    weights, choice, space = None, None, None
    check = getattr(run, "check", None)
    if check is not None:
        # It neither trains nor reads the task's data.
        check(settings)
    elif _takes_settings(run):
        weights, choice, space = _check(problem, settings, arguments)
        settings = replace(settings, trainer=choice.trainer)
    progress = Progress(arguments.max_evals, _objective_names(problem, settings))
    make_search = partial(
        _make_search,
        arguments,
        problem,
        settings,
        folder,
        progress,
        weights,
        choice,
        space,
    )
    make_evaluator = partial(_make_evaluator, arguments, run, settings, folder)
    if arguments.resume is not None:
        return _go_on(make_search(), make_evaluator, progress, arguments)
    # A worker that fits nowhere is refused before there is a folder.
    with closing(make_evaluator()) as evaluator:
        return _search(make_search(), evaluator, progress, arguments)


def _go_on(
    search: XNASSearch,
    make_evaluator: Callable[[], Any],
    progress: Progress,
    arguments: argparse.Namespace,
) -> int:
    try:
        search.take_over()
        progress.take_over(search.recorder.evaluations)
        if is_complete(search, arguments.max_evals):
            return tell_complete(search, progress, arguments)
        # Starting Ray takes a while, in which the last sign would be an old one.
        write_sign(search, "preparing")
        with closing(make_evaluator()) as evaluator:
            return _search(search, evaluator, progress, arguments)
    finally:
        search.folder.release()


def _search(
    search: XNASSearch,
    evaluator: Any,
    progress: Progress,
    arguments: argparse.Namespace,
) -> int:
    with _log(search.folder, arguments.verbose):
        _announce(search, evaluator)
        return search_to_end(search, evaluator, progress, arguments)


def _default_folder(problem: str) -> Path:
    return RESULTS / task_name(problem) / datetime.now().strftime("%Y-%m-%dT%H%M%S")


def _load_run_function(path: str) -> Callable:
    # One's own function need not wait for TensorFlow, ours load it: quietly, so first.
    if path.startswith("xnas."):
        load_tensorflow()
    run = load_object(path, "--run")
    if not callable(run):
        raise UsageError(f"--run is {path!r}, expected a function")
    if _takes_settings(run):
        load_tensorflow()
    return run


def _takes_settings(run: Callable) -> bool:
    """Whether a run function wants our settings beside the job."""
    try:
        parameters = inspect.signature(run).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.name == "settings" or p.kind is p.VAR_KEYWORD for p in parameters)


def _check(
    problem: NaProblem, settings: RunSettings, arguments: argparse.Namespace
) -> tuple[NDArray[np.float64] | None, TrainerChoice, KSearchSpace]:
    """Check the task before anything is written; lets go of its data afterwards.

    Records the trainer that was chosen among the flags, since a longer search that goes
    on from this one must not choose again.
    """
    task = check_task(problem, settings)
    for sentence in suspicions(task.data, problem):
        print(f"deephyper_xnas: warning: {sentence}", file=sys.stderr)
    choice = choose_trainer(
        arguments.trainer,
        problem,
        task.data,
        max_evals=arguments.max_evals,
        num_workers=expected_workers(
            arguments.evaluator,
            arguments.num_workers,
            arguments.num_cpus_per_task,
        ),
        on_gpus=bool(arguments.num_gpus_per_task),
    )
    arguments.trainer = choice.trainer
    print(f"Trainer: {choice}.", file=sys.stderr)
    return task.weights, choice, space_of(problem, task.data)


def _objective_names(problem: NaProblem, settings: RunSettings) -> list[str]:
    return [problem.objective_name, "introspectability"][: settings.n_objectives]


def _make_evaluator(
    arguments: argparse.Namespace,
    run: Callable,
    settings: RunSettings,
    folder: RunFolder,
) -> Any:
    print(f"Preparing {arguments.evaluator} workers.", file=sys.stderr)
    return create_evaluator(
        arguments.evaluator,
        run,
        num_workers=arguments.num_workers,
        num_cpus_per_task=arguments.num_cpus_per_task,
        num_gpus_per_task=arguments.num_gpus_per_task,
        memory_per_worker=arguments.memory_per_worker,
        evaluation_timeout=arguments.evaluation_timeout,
        ray_address=arguments.ray_address,
        run_function_kwargs={"settings": settings} if _takes_settings(run) else None,
        num_objectives=settings.n_objectives,
        log_dir=folder.logs,
    )


def _make_search(
    arguments: argparse.Namespace,
    problem: NaProblem,
    settings: RunSettings,
    folder: RunFolder,
    progress: Progress,
    weights: NDArray[np.float64] | None,
    choice: TrainerChoice | None,
    space: KSearchSpace | None,
) -> XNASSearch:
    extra = {}
    kind = SEARCHES[arguments.search]
    if kind is NSGAII and arguments.asynchronous:
        kind = AsynchronousNSGAII
    if kind is RegularizedEvolutionXNAS:
        names = ("sample_size", "weight_perf", "weight_xai")
        extra = {name: getattr(arguments, name) for name in names}
        if arguments.sample_size > arguments.population_size:
            raise UsageError(
                f"--sample-size is {arguments.sample_size}, expected at most "
                f"--population-size ({arguments.population_size})"
            )
    return kind(
        problem,
        random_state=settings.seed,
        log_dir=str(folder.root),
        population_size=arguments.population_size,
        n_objectives=settings.n_objectives,
        space=space,
        infos={
            "command": sys.argv,
            "run": arguments.run,
            "run_settings": settings.to_json(),
            "arguments": flags_to_record(arguments),
            "trainer": choice and choice.to_json(),
            "similarity": None if weights is None else weights.tolist(),
            "workers": {
                "evaluator": arguments.evaluator,
                "num_cpus_per_task": arguments.num_cpus_per_task,
                "num_gpus_per_task": arguments.num_gpus_per_task,
            },
        },
        deduplicate=arguments.deduplicate,
        on_rows=progress,
        resume=arguments.resume is not None,
        **extra,
    )


class _LogFile(logging.FileHandler):
    """A log that gives way where no space is left; rows say so in their own way."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Let a line go that cannot be written."""
        error = sys.exc_info()[1]
        if error is None or not is_disk_full(error):
            super().handleError(record)

    def close(self) -> None:
        """Let go of the lines that could not be written."""
        try:
            super().close()
        except OSError as error:
            if not is_disk_full(error):
                raise


@contextmanager
def _log(folder: RunFolder, verbose: bool) -> Iterator[None]:
    """Send what this package and DeepHyper log to the run folder."""
    handler = _LogFile(folder.log)
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    loggers = {
        logging.getLogger("xnas"): logging.INFO,
        logging.getLogger("deephyper"): logging.INFO if verbose else logging.WARNING,
    }
    for log, level in loggers.items():
        log.setLevel(level)
        log.addHandler(handler)
        log.propagate = False
    try:
        yield
    finally:
        for log in loggers:
            log.removeHandler(handler)
            log.propagate = True
        handler.close()


def _announce(search: XNASSearch, evaluator: Any) -> None:
    message = (
        f"{type(search).__name__}: {search.space.size:,} networks, "
        f"{evaluator.num_workers} worker(s), seed {search.seed}, "
        f"writing to {search.folder.root}"
    )
    if search.recorder.n_before:
        message += f", which holds {search.recorder.n_before} evaluation(s) already"
    logger.info(message)
    print(message, file=sys.stderr)
