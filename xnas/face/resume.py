"""The run to carry on, and its settings."""

from collections.abc import Mapping
from typing import Any

from xnas.errors import UsageError
from xnas.face.request import Request, Say
from xnas.results import RunFolder
from xnas.results.latest import LATEST, RESULTS, latest_run, named_run, task_name


def resumed_request(
    named: str | None,
    given: Mapping[str, Any],
    say: Say,
    defaults: Mapping[str, Any] | None = None,
) -> tuple[Request, bool]:
    """Put settings together, those of a run to carry on in the place of defaults.

    Args:
        named: the run folder, or ``latest``; ``None`` for a new run.
        given: settings that are given.
        say: shows a line.
        defaults: stand for what is neither given nor on record.

    Returns:
        What is asked for, with ``log_dir``; and whether there is a run, or the search
        begins anew in an empty folder.

    Raises:
        UsageError: there is nothing to carry on.
    """
    anew = {**(defaults or {}), **given}
    if named is None:
        return Request.of(anew), False
    if given.get("log_dir") is not None:
        raise UsageError("--log-dir is given beside --resume, expected one of them")
    folder = _find(named, given.get("problem"))
    taken = {"log_dir": str(folder.root)}
    if not folder.holds_run:
        _refuse_rows_or_nothing(folder, given.get("problem"))
        say(f"No run had begun in {folder.root}: it begins now.")
        return Request.of(anew | taken), False
    recorded = folder.infos().get("arguments")
    if recorded is None:
        raise UsageError(
            f"--resume: {folder.init_infos} holds no flags, expected a run of `nas`"
        )
    values = {**(defaults or {}), **recorded}
    if given.get("hyperparameters") and recorded.get("hyperparameters"):
        # Those that are not given again stay as well.
        both = dict(recorded["hyperparameters"]) | dict(given["hyperparameters"])
        given = {**given, "hyperparameters": both}
    return Request.of({**given, **taken}, values), True


def _find(named: str, problem: str | None) -> RunFolder:
    if named == LATEST and problem is not None:
        return latest_run(RESULTS, task_name(problem))
    folder = named_run(named)
    if not folder.root.is_dir():
        raise UsageError(f"--resume: there is no folder {folder.root}")
    return folder


def _refuse_rows_or_nothing(folder: RunFolder, problem: str | None) -> None:
    if folder.results.exists() and folder.results.stat().st_size:
        raise UsageError(
            f"--resume: {folder.root} has a results.csv but no init_infos.json to say "
            "which search it belongs to, expected both"
        )
    if problem is None:
        raise UsageError(
            f"--resume: no run has begun in {folder.root}, expected one, or --problem "
            "and the other flags to begin it with"
        )
