"""``xnas.search``: what ``./deephyper_xnas nas`` does."""

import sys
from typing import Any

from xnas.face.ending import finished_run
from xnas.face.request import import_path, saying
from xnas.face.resume import resumed_request
from xnas.face.searching import carry_out
from xnas.face.task import path_of_problem
from xnas.imports import path_of_task
from xnas.problem import NaProblem
from xnas.results import Run


def search(
    problem: NaProblem | str | None = None,
    *,
    resume: str | None = None,
    report: bool = True,
    progress: bool = True,
    **settings: Any,
) -> Run:
    """Search, as ``./deephyper_xnas nas`` does.

    The task is checked, the trainer chosen, and the run folder gets all that the
    command writes. An interrupt keeps what has finished and is raised again at the end.
    This process computes without GPUs from then on, which are the workers', unless it
    has used one before.

    Args:
        problem: the task, its short name or import path. One of a notebook or a
            script is sent to the workers.
        resume: the run folder to carry on, or ``latest``; settings that are not given
            are those of the run.
        report: whether to write ``report.html`` at the end.
        progress: whether to show on standard error what is done.
        **settings: any of :class:`~xnas.face.request.Request`, such as ``max_evals``,
            ``search`` (a name, an import path or a class), ``objectives``, ``record``,
            ``evaluator``, ``log_dir`` and ``seed``, and those of the search, such as
            ``population_size``; ``run`` may be a function.

    Returns:
        The run.

    Raises:
        XNASError: something is wrong that the user can mend.
        RuntimeError: the search failed; what has finished is in its folder.
    """
    say = saying(progress)
    run = settings.get("run")
    settings |= {
        name: import_path(settings[name])
        for name in ("run", "search")
        if name in settings
    }
    task = problem if isinstance(problem, NaProblem) else None
    if problem is not None:
        settings["problem"] = (
            path_of_problem(task) if task else path_of_task(str(problem))
        )
    named = None if resume is None else str(resume)
    request, is_resumed = resumed_request(named, settings, say)
    outcome = carry_out(
        request,
        task,
        run if callable(run) else None,
        resume=is_resumed,
        say=say,
        stream=sys.stderr if progress else None,
    )
    return finished_run(outcome, say, report=report)
