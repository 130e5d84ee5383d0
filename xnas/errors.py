"""Errors a user can mend, told in one sentence."""


class XNASError(Exception):
    """Base of the errors that the command line prints without a traceback."""


class UsageError(XNASError):
    """A flag or argument has a value that cannot be used."""


class TaskError(XNASError):
    """A task under ``experiments/`` breaks the contract of its three files."""


class EvaluationError(XNASError):
    """One evaluation failed for a reason that has a name.

    Args:
        reason: what follows ``F_`` in the recorded objective, such as ``nan``.
        message: one sentence for that evaluation's log.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
