"""What a search is: an algorithm that asks for evaluations and is told of them."""

import abc
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from xnas.objectives import Objective
from xnas.records import Candidate, Evaluation, Genotype
from xnas.searches.networks import Networks

MAX_SEED = 2**31 - 1

Bred = tuple[Genotype, tuple[int, ...]]
"""A genotype and the ids of its parents; none where it was drawn at random."""


@dataclass(frozen=True)
class Option:
    """A setting of a search, which the command line makes a flag of.

    Args:
        name: of the constructor's argument.
        default: its value if not given.
        help: half a sentence.
        read: makes a value out of a flag's text; raises ``ValueError`` with what was
            found and expected.
        choices: what it may be, if that can be listed.
        metavar: what stands for the value in ``--help``.
    """

    name: str
    default: Any
    help: str
    read: Callable[[str], Any] = str
    choices: tuple[str, ...] | None = None
    metavar: str | None = None


class Search(abc.ABC):
    """Proposes candidates; a function of its settings and of what it was told.

    It knows no folder, no clock and no evaluator. Randomness comes from the seed and a
    number that is on record, such as that of the candidate, so that a search that was
    ended anywhere goes on as if it had not been.

    Args:
        networks: of the space; what is proposed counts as handed out there.
        objectives: what is looked for; all stored values are maximised.
        seed: of everything random.

    Attributes:
        options: settings beside these; arguments of the constructor.
        n_random: how many networks are drawn at random before anything that it was told
            decides.
        one_by_one: whether a proposal takes so long that a free worker is to get it
            before the next one is thought of.
        next_id: number of the next new candidate.
        n_skipped: how many numbers below that others have.
        n_told: how many evaluations the search was told of.
    """

    options: ClassVar[tuple[Option, ...]] = ()
    one_by_one: ClassVar[bool] = False
    n_random: int = 0

    def __init__(
        self, networks: Networks, objectives: Sequence[Objective], seed: int
    ) -> None:
        self.networks = networks
        self.objectives = tuple(objectives)
        self.seed = seed
        self.next_id = 0
        self.n_skipped = 0
        self.n_told = 0

    @property
    def settings(self) -> dict[str, Any]:
        """Values of the options, JSON-able, as they are recorded."""
        return {option.name: getattr(self, option.name) for option in self.options}

    @property
    def n_asked(self) -> int:
        """How many candidates came before the next one, which randomness goes by."""
        return self.next_id - self.n_skipped

    @abc.abstractmethod
    def ask(self, n: int) -> list[Candidate]:
        """Name up to ``n`` new candidates to evaluate now.

        Args:
            n: 1 or more.

        Returns:
            None while some running evaluation must end first; with none running, that
            nothing is left to evaluate.
        """

    def prepare(self) -> None:  # noqa: B027 - few searches have anything to prepare
        """Do ahead, while all workers are busy, what the next proposal will take.

        What is proposed does not depend on whether this was called.
        """

    def tell(self, evaluation: Evaluation) -> None:
        """Learn what became of a candidate.

        Args:
            evaluation: of a candidate that was asked for, or another training of its
                network (its ``replicate`` is above 0 then).
        """
        self.n_told += 1

    def restore(
        self, evaluations: Sequence[Evaluation], started: Sequence[Candidate]
    ) -> None:
        """Become what the search was when a run ended.

        Args:
            evaluations: all rows of the run, in the order of telling.
            started: what was handed out besides, which is evaluated once more under
                its number without being asked for.
        """
        for evaluation in evaluations:
            self.tell(evaluation)
        known = [*evaluations, *started]
        self.networks.forbid(one.genotype for one in known)
        self.next_id = 1 + max((one.id for one in known), default=-1)

    def skip(self, ids: Sequence[int]) -> None:
        """Leave numbers to others, and go on as if there were none of these.

        Args:
            ids: of trainings that the search did not ask for and is not told of.
        """
        self.n_skipped += len(ids)
        self.next_id = max([self.next_id, *(number + 1 for number in ids)])

    def new_candidate(
        self,
        genotype: Genotype,
        parent_ids: tuple[int, ...] = (),
        generation: int | None = None,
    ) -> Candidate:
        """Give a genotype the next number and count its network as handed out."""
        self.networks.forbid([genotype])
        candidate = Candidate(self.next_id, genotype, parent_ids, generation)
        self.next_id += 1
        return candidate


def whole_number(lowest: int) -> Callable[[str], int]:
    """Make a reader of whole numbers from ``lowest`` on, for :class:`Option`."""

    def read(text: str) -> int:
        value = int(text) if text.removeprefix("+").isdecimal() else None
        if value is None or value < lowest:
            raise ValueError(
                f"{text!r} found, expected a whole number, {lowest} or more"
            )
        return value

    return read


def checked_population_size(size: int) -> int:
    """Return the size of a population.

    Raises:
        ValueError: it is less than 2.
    """
    if size < 2:
        raise ValueError(f"population_size is {size}, expected 2 or more")
    return size


def checked_seed(seed: int | None) -> int:
    """Return a seed, drawn if ``None``.

    Raises:
        ValueError: it is something else than 0 to :data:`MAX_SEED`.
    """
    if seed is None:
        return secrets.randbelow(MAX_SEED + 1)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise ValueError(f"the seed is {seed!r}, expected 0 to {MAX_SEED}")
    return seed
