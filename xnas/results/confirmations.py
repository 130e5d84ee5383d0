"""Trainings of networks already trained, which no search asked for.

Their numbers are set apart before the first of them begins, so that each row tells by
its number whether a search asked for it, and an interrupted confirmation goes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from xnas.records import Candidate

C = TypeVar("C", bound=Candidate)

ENTRY = "confirmations"
"""Of ``init_infos.json``."""


@dataclass(frozen=True)
class Confirmation:
    """Numbers that are set apart for further trainings of networks.

    Args:
        first_id: the first of them.
        replicates: how many they are.
    """

    first_id: int
    replicates: int

    @property
    def ids(self) -> range:
        """The numbers."""
        return range(self.first_id, self.first_id + self.replicates)


class Confirmations(tuple[Confirmation, ...]):
    """All confirmations of a run, in order of their numbers."""

    @classmethod
    def of_run(cls, infos: Mapping[str, Any]) -> "Confirmations":
        """Read them.

        Args:
            infos: ``init_infos.json``; runs of earlier versions have none.
        """
        return cls(Confirmation(**entry) for entry in infos.get(ENTRY, ()))

    def to_json(self) -> dict[str, list[dict[str, int]]]:
        """Return the entry of ``init_infos.json``."""
        return {ENTRY: [asdict(one) for one in self]}

    def hold(self, id_: int) -> bool:
        """Whether a number is set apart."""
        return any(id_ in one.ids for one in self)

    def searched(self, candidates: Iterable[C]) -> list[C]:
        """Return the candidates, or evaluations, that a search asked for."""
        return [one for one in candidates if not self.hold(one.id)]

    def latest(self, candidates: Iterable[Candidate]) -> "Confirmations":
        """Return those that no candidate of the search follows.

        Args:
            candidates: all that is known to have been handed out.
        """
        last = max((one.id for one in self.searched(candidates)), default=-1)
        return Confirmations(one for one in self if one.first_id > last)

    def n_missing(self, done: Iterable[Candidate], least: int = 0) -> int:
        """Count the numbers that no candidate has.

        Args:
            done: what has ended.
            least: how many numbers there are to be at least.
        """
        return max(least, len(self.ids)) - sum(self.hold(one.id) for one in done)

    def topped_up(
        self, replicates: int, candidates: Iterable[Candidate], next_id: int
    ) -> "Confirmations":
        """Set numbers apart, so that the latest confirmations have enough.

        Args:
            replicates: how many they have at least.
            candidates: all that is known to have been handed out.
            next_id: the first number that is free.
        """
        missing = replicates - len(self.latest(candidates).ids)
        if missing <= 0:
            return self
        return Confirmations([*self, Confirmation(next_id, missing)])

    @property
    def ids(self) -> Sequence[int]:
        """All numbers, ascending."""
        return [number for one in self for number in one.ids]
