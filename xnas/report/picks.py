"""Networks to look at first."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from xnas.names import program
from xnas.objectives import INTROSPECTABILITY
from xnas.report.expected import Expected
from xnas.results import Run
from xnas.results.picks import ACCURACY


@dataclass(frozen=True)
class Pick:
    """A network to look at first.

    Args:
        name: of an objective, or ``knee``.
        title: for people.
        id: of the evaluation.
        command: trains it in full.
        expected: mean and standard deviation over seeds, by label of the objective;
            empty without estimates.
        front_probability: of being on the front, ``None`` without estimates.
        observed: the network that is picked by what was observed, if another is.
        surprises: of that one, what was observed and what is expected over seeds, by
            label of the objective.
    """

    name: str
    title: str
    id: int
    command: str
    expected: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    front_probability: float | None = None
    observed: int | None = None
    surprises: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def spoken(self) -> str:
        """The title within a sentence."""
        return self.title[0].lower() + self.title[1:]


def find_picks(run: Run, argument: str, expected: Expected | None) -> Iterator[Pick]:
    """Choose networks, by estimates where there are any.

    Args:
        run: any.
        argument: the folder as a command takes it.
        expected: of the run.

    Yields:
        As :meth:`Run.picks` orders them.
    """
    observed = run.picks("observed")
    for name, id_ in run.picks().items():
        pick = Pick(name, _title(name, run), id_, _command(argument, name, run))
        if expected is not None:
            pick = _with_estimates(pick, observed.get(name), run, expected)
        yield pick


def _with_estimates(
    pick: Pick, observed: int | None, run: Run, expected: Expected
) -> Pick:
    rows = {one.id: row for row, one in enumerate(run.networks)}
    labels = [axis.label for axis in run.axes]
    row = rows[pick.id]
    pairs = zip(expected.means[row], expected.deviations[row], strict=True)
    pick = replace(
        pick,
        expected=dict(zip(labels, pairs, strict=True)),
        front_probability=float(expected.probability[row]),
    )
    if observed in (None, pick.id):
        return pick
    row = rows[observed]
    stored = zip(run.axes, run.points(run.axes)[row].tolist(), strict=True)
    seen = [axis.shown(value) for axis, value in stored]
    both = zip(labels, zip(seen, expected.means[row], strict=True), strict=True)
    return replace(pick, observed=observed, surprises=dict(both))


def _is_accuracy(name: str, run: Run) -> bool:
    first = run.objectives[0]
    return name == first.name and first.maximize and "acc" in name


def _title(name: str, run: Run) -> str:
    """Name a pick for people."""
    if name == INTROSPECTABILITY:
        return "Most introspectable"
    if _is_accuracy(name, run):
        return "Most accurate"
    directions = {axis.name: "Most" if axis.maximize else "Least" for axis in run.axes}
    return f"{directions[name]} {name}" if name in directions else name.capitalize()


def _command(argument: str, name: str, run: Run) -> str:
    pick = ACCURACY if _is_accuracy(name, run) else shlex.quote(name)
    return f"{program()} train {argument} --pick {pick}"
