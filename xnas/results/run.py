"""A run for notebooks: its table, front, lineage, picks and distances."""

from collections.abc import Sequence
from functools import cached_property
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xnas.drawing.description import read_description
from xnas.errors import UsageError
from xnas.objectives import (
    COUNTED,
    INTROSPECTABILITY,
    LAYER_MEAN,
    Objective,
    reference_point,
)
from xnas.pareto import hypervolume, is_pareto_efficient
from xnas.records import Evaluation
from xnas.results.estimated import estimates_frame
from xnas.results.estimates import Estimates, estimate
from xnas.results.folder import RunFolder
from xnas.results.frame import evaluations_frame
from xnas.results.latest import named_run
from xnas.results.networks import (
    Network,
    ancestors,
    efficient_ids,
    networks_of,
    points_of,
)
from xnas.results.picks import BY, By, find_pick, pick_networks
from xnas.results.stored import StoredRun
from xnas.results.summary import Summary, summarise

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def load(run_dir: str | Path) -> "Run":
    """Read a run, whatever state it is in; nothing is written.

    Args:
        run_dir: the run folder, such as ``results/digits/2026-11-24T184314``, or
            ``results/digits/latest`` for the newest of a task.

    Returns:
        What the run has come to at this moment.

    Raises:
        UsageError: the folder holds no run or several, or its files cannot be read.
    """
    return Run(named_run(str(run_dir)))


class Run(StoredRun):
    """A run as it was when it was read.

    Args:
        folder: of the run.

    Raises:
        UsageError: the folder holds no run, or its files cannot be read.
    """

    def __init__(self, folder: RunFolder) -> None:
        super().__init__(folder)
        self._estimated: dict[tuple[Objective, ...], Estimates] = {}

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
        recorded, efficient = self.recorded, self._efficient
        return evaluations_frame(evaluations, self.objectives, recorded, efficient)

    @cached_property
    def _efficient(self) -> set[int]:
        return efficient_ids(self.records)

    @property
    def front(self) -> "pd.DataFrame":
        """The rows of :attr:`means` that no other dominates.

        The best in the first objective come first.
        """
        return self._best_first(self.means[self.means["pareto_efficient"]])

    def _best_first(self, networks: "pd.DataFrame") -> "pd.DataFrame":
        first = self.objectives[0]
        return networks.sort_values(
            [first.name, "id"], ascending=[not first.maximize, True], ignore_index=True
        )

    @cached_property
    def estimates(self) -> "pd.DataFrame":
        """What each network is worth, by a model of all trainings of the run.

        One row a network of which a training did not fail, in order of ``id``. Columns:
        ``id``, ``arch_seq``; each objective under its name, its expected mean over
        trainings with other seeds, and under ``<name>_sd`` the standard deviation of
        what is not known about that mean; ``replicates``, how many trainings there
        were; and ``front_probability``, of being on the front of the means. See
        :func:`xnas.results.estimates.estimate`.

        Raises:
            UsageError: there are too few networks, or the space is not recorded.
        """
        return estimates_frame(self.estimated(), self.objectives)

    def estimated(self, axes: Sequence[Objective] | None = None) -> Estimates:
        """Estimate what networks are worth, in stored values; computed once.

        Args:
            axes: the objectives, or :attr:`axes`; the objectives if ``None``.

        Raises:
            UsageError: as of :attr:`estimates`.
        """
        axes = tuple(axes or self.objectives)
        if axes not in self._estimated:
            self._estimated[axes] = estimate(
                [self._along(one, axes) for one in self.records],
                len(axes),
                read_description(self._infos.get("space") or {}),
                exact=[i for i, axis in enumerate(axes) if axis.name in COUNTED],
            )
        return self._estimated[axes]

    def _along(self, one: Evaluation, axes: tuple[Objective, ...]) -> Evaluation:
        """Take what is recorded only for further objectives."""
        beside = axes[len(self.objectives) :]
        if one.objectives is None or not beside:
            return one
        more = (axis.stored(one.metadata.get(axis.name, -inf)) for axis in beside)
        return one.having(objectives=(*one.objectives, *more))

    @property
    def alike(self) -> dict[str, int]:
        """Objectives with one finite value in all trainings, and how many those are.

        Those that are counted, such as the number of parameters, are left out: nothing
        about them is left open.
        """
        values = [one.objectives for one in self.records if one.objectives is not None]
        if len(values) < 2:
            return {}
        return {
            objective.name: len(values)
            for objective, column in zip(
                self.objectives, zip(*values, strict=True), strict=True
            )
            if objective.name not in COUNTED and -inf < min(column) == max(column)
        }

    @cached_property
    def why_no_estimates(self) -> str | None:
        """Why there are no :attr:`estimates`, ``None`` if there are some."""
        try:
            self.estimated()
        except UsageError as error:
            return str(error)
        except np.linalg.LinAlgError as error:
            return f"the model cannot be computed ({error})"
        return None

    def estimated_hypervolume(self) -> float | None:
        """Measure what the estimated front dominates, as :meth:`hypervolume`.

        Raises:
            UsageError: as of :attr:`estimates`.
        """
        found = self.estimated()
        if self.hypervolume_reference is None:
            return None
        return hypervolume(found.means, self.hypervolume_reference)

    @property
    def estimated_front(self) -> "pd.DataFrame":
        """The rows of :attr:`estimates` whose means no other dominates.

        The best in the first objective come first.
        """
        efficient = is_pareto_efficient(self.estimated().means)
        return self._best_first(self.estimates[efficient])

    def credible_front(self, probability: float = 0.5) -> "pd.DataFrame":
        """Return the rows of :attr:`estimates` that are likely on the front.

        Args:
            probability: that a network has at least.

        Returns:
            The likeliest first; without any row where no network is so likely, as
            where trainings differ more than networks do.
        """
        likely = self.estimates["front_probability"] >= probability
        return self.estimates[likely].sort_values(
            ["front_probability", "id"], ascending=[False, True], ignore_index=True
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
        found = ancestors(self.record(id_), self._by_id)
        table = self.evaluations
        return table[table["id"].isin(found)].reset_index(drop=True)

    @cached_property
    def trade_offs(self) -> NDArray[np.bool_]:
        """Which networks no other dominates in :attr:`axes`; (networks,), by id."""
        return is_pareto_efficient(self.points(self.axes))

    @cached_property
    def network_ids(self) -> dict[int, int]:
        """The id of each evaluation's network, by that of the evaluation."""
        return {
            one.id: network.id
            for network in self.networks
            for one in network.evaluations
        }

    def network(self, id_: int) -> Network:
        """Return the network of an evaluation.

        Args:
            id_: number of any of its evaluations.

        Raises:
            UsageError: there is no such evaluation.
        """
        one = self.record(id_)
        return next(found for found in self.networks if one in found.evaluations)

    def picks(self, by: By | None = None) -> dict[str, int]:
        """Choose networks to look at first: the ends of the front and its knee.

        Introspectability counts even where it is recorded only: these are trade-offs to
        choose from, whatever the search looked at.

        Args:
            by: ``estimated`` goes by what networks are worth over seeds, ``observed``
                by the means of their trainings; ``None`` by estimates where there are
                any.

        Returns:
            Ids by names of objectives, and ``knee``; see
            :func:`xnas.results.picks.pick_networks`.

        Raises:
            UsageError: there are no estimates to go by.
        """
        networks, points = self.networks, self.points(self.axes)
        if self._goes_by(by) == "estimated":
            found = self.estimated(self.axes)
            networks, points = found.networks, found.means
        ids = np.array([one.id for one in networks], dtype=np.int64)
        return pick_networks(ids, points, [axis.name for axis in self.axes])

    def _goes_by(self, by: By | None) -> By:
        if by not in (None, *BY):
            raise ValueError(f"by is {by!r}, expected one of {', '.join(BY)}")
        return by or ("observed" if self.why_no_estimates else "estimated")

    def pick(self, name: str, by: By | None = None) -> int:
        """Find a network by what it is picked for.

        Args:
            name: of an objective, with or without its minus, ``knee``, the number of an
                evaluation, or ``accuracy``, which stands for the first objective.
            by: what it is picked by, see :meth:`picks`.

        Returns:
            The number of an evaluation.

        Raises:
            UsageError: there is no such network.
        """
        if name.isdecimal():
            return self.record(int(name)).id
        try:
            return find_pick(name, self.picks(by), self.axes, len(self.records))
        except ValueError as error:
            raise UsageError(
                f"{self._folder.root} has no network {name!r}: {error}"
            ) from error

    def plot_front(self, axes: "Axes | None" = None) -> "Axes":
        """Draw all networks and the front.

        Args:
            axes: of matplotlib, new ones if ``None``.

        Returns:
            The axes.
        """
        from xnas.results.plotting import plot_front

        return plot_front(self.means, self.front, self.axes, axes)
