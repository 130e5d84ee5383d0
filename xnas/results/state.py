"""What a run is doing, or how it ended."""

from enum import StrEnum

from xnas.results.heartbeat import Beat

SILENCE = 60.0
"""Seconds without a heartbeat after which a process counts as dead."""


class State(StrEnum):
    """What a run is doing, or how it ended."""

    PREPARING = "preparing"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    DIED = "died"
    NEVER_STARTED = "never_started"
    # Without a heartbeat, as DeepHyper searches made in Python have none.
    INCOMPLETE = "ended"  # in order, but before its last evaluation
    UNKNOWN = "unknown"

    @property
    def is_alive(self) -> bool:
        """Whether a process is at work."""
        return self in (State.PREPARING, State.RUNNING, State.STOPPING)

    @property
    def can_be_resumed(self) -> bool:
        """Whether there is something left to do that nobody does."""
        return not self.is_alive and self is not State.FINISHED


def state_of(
    beat: Beat | None,
    started: set[int],
    n_rows: int,
    concluded: bool,
    is_done: bool,
    silent: float,
) -> State:
    """Tell what a run is doing, or how it ended.

    Args:
        beat: its last heartbeat.
        started: ids of all evaluations handed out.
        n_rows: evaluations that have a row.
        concluded: whether the search that wrote the last one came to its end in order.
        is_done: whether those are all that were asked for.
        silent: seconds since that heartbeat.
    """
    if beat is None:
        return _state_without_beat(started, n_rows, concluded, is_done)
    try:
        state = State(beat.state)
    except ValueError:
        return State.UNKNOWN
    if state.is_alive and silent > SILENCE:
        was_idle = state is State.PREPARING and not started and not n_rows
        return State.NEVER_STARTED if was_idle else State.DIED
    return state


def _state_without_beat(
    started: set[int], n_rows: int, concluded: bool, is_done: bool
) -> State:
    if not started and not n_rows:
        return State.NEVER_STARTED
    if is_done:
        return State.FINISHED
    return State.INCOMPLETE if concluded else State.UNKNOWN
