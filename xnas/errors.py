"""Errors a user can mend, told in one sentence."""

import errno
from collections.abc import Iterable, Mapping
from difflib import get_close_matches


class XNASError(Exception):
    """Base of the errors that the command line prints without a traceback."""


class UsageError(XNASError):
    """A flag or argument has a value that cannot be used."""


class TaskError(XNASError):
    """A task under ``experiments/`` breaks the contract of its three files."""


class SearchError(Exception):
    """A search cannot go on; what it has stays, and it can be resumed."""


class DiskFullError(SearchError):
    """There is no space left for what a search writes."""


class MissingObjectiveError(UsageError):
    """A run function does not give what the search looks for, or is to record."""


class NoWorkersError(SearchError):
    """All workers of a search are gone and none comes back."""


class OnlyFailuresError(SearchError):
    """So many evaluations failed, and none succeeded, that a search stops."""


class EvaluationError(XNASError):
    """One evaluation failed for a reason that has a name.

    Args:
        reason: what follows ``F_`` in the recorded objective, such as ``nan``.
        message: one sentence for that evaluation's log.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def one_line(error: BaseException) -> str:
    """Return an error's text on one line."""
    return " ".join(str(error).split())


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that there is no space, or no quota, left to write to."""
    full = (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, OSError) and error.errno in full


def did_you_mean(
    word: str, known: Iterable[str], elsewhere: Mapping[str, str] | None = None
) -> str:
    """Word a suggestion.

    Args:
        word: what nobody knows, in any case.
        known: what it might have been.
        elsewhere: what is known, by what other programs call it.

    Returns:
        To be put behind a sentence; empty where nothing is near.
    """
    known, word = list(known), word.lower()
    meant = (elsewhere or {}).get(word)
    near = [meant] if meant else get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
