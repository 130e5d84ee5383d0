"""From checked flags to a finished search."""

import argparse
import inspect
import logging
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xnas.cli.exit_status import DONE, FAILED, INTERRUPTED
from xnas.cli.progress import Progress, duration
from xnas.cli.task import check_task, load_problem, run_settings
from xnas.errors import UsageError
from xnas.imports import load_object
from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.nsga_ii import NSGAII
from xnas.nas_deephyper.regevo_xnas import RegularizedEvolutionXNAS
from xnas.nas_deephyper.run_settings import RunSettings
from xnas.nas_deephyper.xnas import XNASSearch
from xnas.problem import NaProblem
from xnas.results import RunFolder
from xnas.training.suspicions import suspicions

logger = logging.getLogger("xnas")

SEARCHES = {
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
        The exit status: 0 done, 1 failed, 130 interrupted.

    Raises:
        XNASError: something is wrong that the user can mend; nothing was written.
    """
    folder = RunFolder(arguments.log_dir or _default_folder(arguments.problem))
    folder.refuse_if_taken()
    problem = load_problem(arguments)
    run = load_object(arguments.run, "--run")
    if not callable(run):
        raise UsageError(f"--run is {arguments.run!r}, expected a function")
    settings = run_settings(arguments, folder.root)
    weights = _check(problem, settings) if _takes_settings(run) else None
    print(f"Preparing {arguments.evaluator} workers.", file=sys.stderr)
    evaluator = _make_evaluator(arguments, run, settings, folder)
    try:
        progress = Progress(arguments.max_evals, _objective_names(problem, settings))
        search = _make_search(arguments, problem, settings, folder, progress, weights)
        with _log(folder, arguments.verbose):
            _announce(search, evaluator)
            return _search(search, evaluator, progress, arguments)
    finally:
        evaluator.close()


def _default_folder(problem: str) -> Path:
    parts = problem.split(".")
    task = parts[-3] if len(parts) > 2 else parts[0]
    return Path("results") / task / datetime.now().strftime("%Y-%m-%dT%H%M%S")


def _takes_settings(run: Callable) -> bool:
    """Whether a run function wants our settings beside the job."""
    try:
        parameters = inspect.signature(run).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.name == "settings" or p.kind is p.VAR_KEYWORD for p in parameters)


def _check(problem: NaProblem, settings: RunSettings) -> NDArray[np.float64] | None:
    """Check the task before anything is written; lets go of its data afterwards."""
    task = check_task(problem, settings)
    for sentence in suspicions(task.data, problem):
        print(f"deephyper_xnas: warning: {sentence}", file=sys.stderr)
    return task.weights


def _objective_names(problem: NaProblem, settings: RunSettings) -> list[str]:
    return [problem.objective_name, "introspectability"][: settings.n_objectives]


def _make_evaluator(
    arguments: argparse.Namespace,
    run: Callable,
    settings: RunSettings,
    folder: RunFolder,
) -> Any:
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
) -> XNASSearch:
    extra = {}
    if SEARCHES[arguments.search] is RegularizedEvolutionXNAS:
        names = ("sample_size", "weight_perf", "weight_xai")
        extra = {name: getattr(arguments, name) for name in names}
        if arguments.sample_size > arguments.population_size:
            raise UsageError(
                f"--sample-size is {arguments.sample_size}, expected at most "
                f"--population-size ({arguments.population_size})"
            )
    return SEARCHES[arguments.search](
        problem,
        random_state=settings.seed,
        log_dir=str(folder.root),
        population_size=arguments.population_size,
        n_objectives=settings.n_objectives,
        infos={
            "command": sys.argv,
            "run": arguments.run,
            "run_settings": settings.to_json(),
            "similarity": None if weights is None else weights.tolist(),
            "workers": {
                "evaluator": arguments.evaluator,
                "num_cpus_per_task": arguments.num_cpus_per_task,
                "num_gpus_per_task": arguments.num_gpus_per_task,
            },
        },
        on_rows=progress,
        **extra,
    )


@contextmanager
def _log(folder: RunFolder, verbose: bool) -> Iterator[None]:
    """Send what this package and DeepHyper log to the run folder."""
    handler = logging.FileHandler(folder.log)
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
    logger.info(message)
    print(message, file=sys.stderr)


def _search(
    search: XNASSearch,
    evaluator: Any,
    progress: Progress,
    arguments: argparse.Namespace,
) -> int:
    status = DONE
    try:
        search.search(evaluator, arguments.max_evals or -1, arguments.timeout)
    except KeyboardInterrupt:
        status = INTERRUPTED
        # What finished is kept; a second Ctrl-C must not cut the last lines short.
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ValueError):
                signal.signal(number, signal.SIG_IGN)
    except Exception as error:
        logger.exception("the search failed")
        print(
            f"deephyper_xnas: the search failed: {error}; see {search.folder.log}",
            file=sys.stderr,
        )
        status = FAILED
    progress.close()
    _report(search, progress, status)
    if status == DONE and progress.done and progress.failed == progress.done:
        return FAILED
    return status


def _report(search: XNASSearch, progress: Progress, status: int) -> None:
    rows = pd.DataFrame(search.history.rows(), columns=search.history.columns.header)
    print(_outcome(search, progress, status, rows))
    if progress.front:
        print(f"\nThe front, {len(progress.front)} network(s):\n")
        print(front_table(search, rows).to_string(index=False))
    print(f"\nRun folder: {search.folder.root}")
    if len(rows):
        print(f"All evaluations: {search.folder.results}")


def _outcome(
    search: XNASSearch, progress: Progress, status: int, rows: pd.DataFrame
) -> str:
    done = f"{progress.done} evaluation(s) in {duration(progress.seconds)}"
    if progress.failed:
        first = rows[search.history.columns.objectives[0]]
        reasons = Counter(value for value in first if isinstance(value, str))
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        done += f", of which {progress.failed} failed ({told})"
        done += f"; tracebacks are in {search.folder.logs}"
    if status == INTERRUPTED:
        return f"Interrupted: kept {done}."
    if search.exhausted:
        return f"The search space is exhausted: {done}."
    return f"Finished: {done}."


def front_table(search: XNASSearch, rows: pd.DataFrame) -> pd.DataFrame:
    """Pick the front out of all rows, best task objective first.

    Args:
        search: the search that made the rows.
        rows: all of them.

    Returns:
        One row a network, with the columns people compare.
    """
    objectives = search.history.columns.objectives
    shown = {
        "m:id": "id",
        **dict(
            zip(
                objectives,
                [search.na_problem.objective_name, "introspectability"],
                strict=False,
            )
        ),
        "m:n_parameters": "parameters",
        "m:arch_seq": "arch_seq",
    }
    front = rows[rows["pareto_efficient"].astype(bool)].sort_values(
        objectives[0], ascending=False, key=lambda column: column.astype(float)
    )
    return front[list(shown)].rename(columns=shown)
