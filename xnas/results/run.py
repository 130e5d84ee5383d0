"""A run for notebooks: its table, front, lineage, activations and distances."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas.objectives import (
    INTROSPECTABILITY,
    LAYER_MEAN,
    Objective,
    recorded_objectives,
    reference_point,
)
from xnas.pareto import hypervolume, is_pareto_efficient
from xnas.records import Evaluation
from xnas.results.arrays import (
    MAX_CLASSES_PER_LAYER,
    Activations,
    Gram,
    read_activations,
    read_gram,
)
from xnas.results.folder import RunFolder
from xnas.results.frame import evaluations_frame
from xnas.results.networks import Network, efficient_ids, networks_of, points_of
from xnas.results.picks import pick_networks
from xnas.results.summary import Summary, summarise
from xnas.results.table import read_table
from xnas.scores import (
    distances_from_gram,
    introspectability_from_gram,
    layer_mean_from_gram,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

T = TypeVar("T")

ACCURACY = "accuracy"
"""What picks the best in the first objective, whatever it is called."""


def load(run_dir: str | Path) -> "Run":
    """Read a run, whatever state it is in; nothing is written.

    Args:
        run_dir: the run folder, such as ``results/digits/2026-11-24T184314``.

    Returns:
        What the run has come to at this moment.

    Raises:
        UsageError: the folder holds no run, or its files cannot be read.
    """
    return Run(RunFolder(run_dir))


class Run:
    """A run as it was when it was read.

    Args:
        folder: of the run.

    Raises:
        UsageError: the folder holds no run, or its files cannot be read.
    """

    def __init__(self, folder: RunFolder) -> None:
        if not folder.root.is_dir():
            raise UsageError(f"there is no folder {folder.root}, expected a run folder")
        self._folder = folder
        self._infos = folder.infos()
        try:
            self._objectives = recorded_objectives(self._infos)
        except (ValueError, AttributeError) as error:
            raise UsageError(
                f"{folder.init_infos} names no objectives, expected what a search of "
                "this tool writes"
            ) from error
        self._table = read_table(folder.results)
        in_order = sorted(self._table.evaluations, key=lambda one: one.id)
        self._by_id = {one.id: one for one in in_order}

    @property
    def folder(self) -> RunFolder:
        """Where the run is."""
        return self._folder

    @property
    def infos(self) -> Mapping[str, Any]:
        """``init_infos.json``: problem, space, search, settings, versions."""
        return self._infos

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What the search looks for; their names are columns of :attr:`evaluations`."""
        return self._objectives

    @property
    def axes(self) -> tuple[Objective, ...]:
        """The objectives, and introspectability where it is recorded only."""
        names = [objective.name for objective in self.objectives]
        if INTROSPECTABILITY in names or INTROSPECTABILITY not in self.recorded:
            return self.objectives
        return (*self.objectives, Objective(INTROSPECTABILITY, reference=0.0))

    @cached_property
    def recorded(self) -> tuple[str, ...]:
        """Names of the scores that are recorded beside the objectives."""
        settings = self._infos.get("run_settings") or {}
        wanted = [*settings.get("record", ()), INTROSPECTABILITY, LAYER_MEAN]
        names = [objective.name for objective in self.objectives]
        return tuple(
            name
            for name in dict.fromkeys(wanted)
            if name not in names
            and any(name in one.metadata for one in self._by_id.values())
        )

    @property
    def hypervolume_reference(self) -> tuple[float, ...] | None:
        """The worst corner as stored, one number an objective, if all are known."""
        return reference_point(self.objectives)

    def summary(self, now: float | None = None) -> Summary:
        """Tell what the run has come to, as of the table that was read.

        Args:
            now: Unix time in seconds, of the clock if ``None``.

        Raises:
            UsageError: ``init_infos.json`` lacks what a search writes.
        """
        return summarise(self._folder, now, self._table)

    @property
    def records(self) -> tuple[Evaluation, ...]:
        """All evaluations, in order of id; objectives as they are stored."""
        return tuple(self._by_id.values())

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """All networks, in order of id; objectives are means over replicates."""
        return tuple(networks_of(self.records))

    @cached_property
    def evaluations(self) -> "pd.DataFrame":
        """One row an evaluation, in order of ``id``; values as they were measured.

        Columns: ``id``, ``generation``, ``replicate``, ``parent_ids`` and ``arch_seq``
        (tuples), each objective under its name (NaN where it failed), what is recorded
        beside, ``n_parameters``, ``training_time``, ``xai_time``, ``reason`` of the
        failure, ``timestamp_start``, ``timestamp_end`` (Unix times in seconds),
        ``host``, ``worker``, and ``pareto_efficient``: whether no other network is as
        good in all objectives and better in one, by the means over replicates.
        """
        return self._frame(self.records)

    @cached_property
    def means(self) -> "pd.DataFrame":
        """One row a network: :attr:`evaluations` with means over its replicates.

        ``id`` is that of the first evaluation that did not fail, and ``replicates``
        says how many there are.
        """
        table = self._frame([one.mean for one in self.networks])
        table["replicate"] = [len(one.evaluations) for one in self.networks]
        return table.rename(columns={"replicate": "replicates"})

    def _frame(self, evaluations: Sequence[Evaluation]) -> "pd.DataFrame":
        efficient = efficient_ids(self.records)
        return evaluations_frame(evaluations, self.objectives, self.recorded, efficient)

    @property
    def front(self) -> "pd.DataFrame":
        """The rows of :attr:`means` that no other dominates.

        The best in the first objective come first.
        """
        first = self.objectives[0]
        best = self.means[self.means["pareto_efficient"]]
        return best.sort_values(
            [first.name, "id"], ascending=[not first.maximize, True], ignore_index=True
        )

    def points(self, axes: Sequence[Objective] | None = None) -> NDArray[np.float64]:
        """Return stored values of all networks.

        Args:
            axes: objectives, or what is recorded; the objectives if ``None``.

        Returns:
            (networks, axes) float64, in order of id; NaN where one failed.
        """
        if axes is None or tuple(axes) == self.objectives:
            return points_of(self.networks, len(self.objectives))
        signs = [1.0 if axis.maximize else -1.0 for axis in axes]
        measured = self.means[[axis.name for axis in axes]].to_numpy(np.float64)
        return measured * np.array(signs)

    def hypervolume(self) -> float | None:
        """Measure what the front dominates above :attr:`hypervolume_reference`.

        Returns:
            ``None`` where the reference of an objective is not known.
        """
        if self.hypervolume_reference is None:
            return None
        return hypervolume(self.points(), self.hypervolume_reference)

    def lineage(self, id_: int) -> "pd.DataFrame":
        """Return a network and all its ancestors, in order of ``id``.

        Args:
            id_: of the evaluation; it comes last.

        Returns:
            Rows of :attr:`evaluations`.

        Raises:
            UsageError: there is no such evaluation.
        """
        found: set[int] = set()
        waiting = [self.record(id_).id]
        while waiting:
            one = waiting.pop()
            if one not in found and one in self._by_id:
                found.add(one)
                waiting.extend(self._by_id[one].parent_ids)
        table = self.evaluations
        return table[table["id"].isin(found)].reset_index(drop=True)

    def record(self, id_: int) -> Evaluation:
        """Return one evaluation.

        Args:
            id_: its number.

        Raises:
            UsageError: there is no such evaluation.
        """
        if id_ not in self._by_id:
            raise UsageError(
                f"{self._folder.root} has no evaluation {id_}, expected one of "
                f"{_range(list(self._by_id))}"
            )
        return self._by_id[id_]

    def gram(self, id_: int) -> Gram:
        """Read the Gram matrices of one network.

        Args:
            id_: of the evaluation.

        Raises:
            UsageError: there is no such evaluation, or it has none.
        """
        return self._stored(id_, self._folder.gram(id_), "Gram matrices", read_gram)

    def activations(self, id_: int) -> Activations:
        """Read the mean activations of one network.

        Args:
            id_: of the evaluation; those of the front of each generation have some.

        Raises:
            UsageError: there is no such evaluation, or it has none.
        """
        path = self._folder.activations(id_)
        return self._stored(id_, path, "activations", read_activations)

    def class_names(self, labels: NDArray[np.int64]) -> list[str]:
        """Return the names of classes, their numbers where the run states none.

        Args:
            labels: (classes,) int64.
        """
        names = self._infos.get("class_names") or []
        return [
            str(names[label]) if 0 <= label < len(names) else str(label)
            for label in labels.tolist()
        ]

    def distances(self, id_: int) -> "pd.DataFrame":
        """Work out how far apart a network's activations keep each pair of classes.

        Args:
            id_: of the evaluation.

        Returns:
            (classes, classes) cosine distances with the classes' names on both axes;
            without a similarity of classes, the mean over pairs is the network's
            introspectability. NaN for a class whose activations are all zero.

        Raises:
            UsageError: there is no such evaluation, or it has no Gram matrices.
        """
        import pandas as pd

        gram = self.gram(id_)
        names = self.class_names(gram.classes)
        return pd.DataFrame(distances_from_gram(gram.gram), names, names)

    def score(self, id_: int) -> float:
        """Work out introspectability again, from the stored Gram matrices.

        Args:
            id_: of the evaluation.

        Raises:
            UsageError: there is no such evaluation, or it has no Gram matrices.
        """
        gram = self.gram(id_)
        settings = self._infos.get("run_settings") or {}
        return introspectability_from_gram(
            gram.gram,
            gram.classes,
            self._infos.get("similarity"),
            divide_by_mean_similarity=settings.get("divide_by_mean_similarity", False),
        )

    def layer_mean_score(self, id_: int) -> float:
        """Work out the mean over layers of each layer's own introspectability.

        No layer counts for more because its activations are larger.

        Args:
            id_: of the evaluation.

        Raises:
            UsageError: there is no such evaluation, it has no Gram matrices, or they
                are kept as their sum over layers, as for many classes.
        """
        gram = self.gram(id_)
        if not gram.is_by_layer:
            raise UsageError(
                f"{self._folder.gram(id_)} holds the sum over layers, as for more than "
                f"{MAX_CLASSES_PER_LAYER} classes, expected a Gram matrix a layer"
            )
        return layer_mean_from_gram(gram.gram)

    @cached_property
    def trade_offs(self) -> NDArray[np.bool_]:
        """Which networks no other dominates in :attr:`axes`; (networks,), by id."""
        return is_pareto_efficient(self.points(self.axes))

    def network(self, id_: int) -> Network:
        """Return the network of an evaluation.

        Args:
            id_: number of any of its evaluations.

        Raises:
            UsageError: there is no such evaluation.
        """
        one = self.record(id_)
        return next(found for found in self.networks if one in found.evaluations)

    def picks(self) -> dict[str, int]:
        """Choose networks to look at first: the ends of the front and its knee.

        Where introspectability is recorded only, the front is that of both all the
        same: these are trade-offs to choose from, whatever the search looked at.

        Returns:
            Ids by names of objectives, and ``knee``; see
            :func:`xnas.results.picks.pick_networks`.
        """
        ids = np.array([one.id for one in self.networks], dtype=np.int64)
        names = [axis.name for axis in self.axes]
        return pick_networks(ids, self.points(self.axes), names)

    def pick(self, name: str) -> int:
        """Find a network by what it is picked for.

        Args:
            name: of an objective, with or without its minus, ``knee``, the number of an
                evaluation, or ``accuracy``, which stands for the first objective.

        Returns:
            The number of an evaluation.

        Raises:
            UsageError: there is no such network.
        """
        if name.isdecimal():
            return self.record(int(name)).id
        picks = self.picks()
        names = {axis.text: axis.name for axis in self.axes}
        known = names.get(name, name)
        if known == ACCURACY and known not in picks:
            known = self.objectives[0].name
        if known in picks:
            return picks[known]
        if not picks:
            count = len(self.records)
            why = f"all {count} evaluation(s) failed" if count else "it has none yet"
        elif known in names.values():
            why = f"no finite {known} is on its front"
        else:
            why = f"nothing called {name} is among its objectives"
        raise UsageError(
            f"{self._folder.root} has no network {name!r}: {why}, expected the number "
            f"of an evaluation or one of its picks: {', '.join(picks) or 'none'}"
        )

    def plot_front(self, axes: "Axes | None" = None) -> "Axes":
        """Draw all networks and the front.

        Args:
            axes: of matplotlib, new ones if ``None``.

        Returns:
            The axes.
        """
        from xnas.results.plotting import plot_front

        return plot_front(self.means, self.front, self.axes, axes)

    def _stored(self, id_: int, path: Path, what: str, read: Callable[[Path], T]) -> T:
        reason = self.record(id_).failure
        if not path.exists():
            why = f"it failed ({reason})" if reason else f"there is no {path}"
            raise UsageError(f"evaluation {id_} has no {what}: {why}")
        try:
            return read(path)
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error


def _range(ids: list[int]) -> str:
    """Name ids in few words."""
    if not ids:
        return "those in its table, which has no rows"
    if ids == list(range(ids[0], ids[-1] + 1)):
        return f"{ids[0]} to {ids[-1]}"
    return f"the {len(ids)} from {ids[0]} to {ids[-1]}"
