"""A run for notebooks: its table, front, lineage, activations and distances."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas.results.arrays import read_gram
from xnas.results.folder import RunFolder
from xnas.results.frame import INTROSPECTABILITY, evaluations_frame, read_records
from xnas.results.picks import pick_networks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Gram:
    """Inner products of one network's class activation sums.

    Args:
        gram: (layers, classes, classes) float64; above 32 classes
            (1, classes, classes), the sum over layers.
        layer_share: (layers,) float64, each layer's part of the squared length of
            all class vectors together; they sum to 1.
        classes: (classes,) int64, the labels of rows and columns: classes that the
            network never predicted have none.
        counts: (classes,) int64, examples behind each sum.
        layer_names: one a layer.
        layer_sizes: features an example of each layer.
    """

    gram: NDArray[np.float64]
    layer_share: NDArray[np.float64]
    classes: NDArray[np.int64]
    counts: NDArray[np.int64]
    layer_names: tuple[str, ...]
    layer_sizes: tuple[int, ...]


@dataclass(frozen=True)
class Activations:
    """Mean activations of one network for each predicted class.

    Args:
        means: (classes, features) float32, layers end to end.
        classes: (classes,) int64, the labels of the rows.
        layer_names: one a layer.
        layer_sizes: features an example of each layer; they sum to ``features``.
    """

    means: NDArray[np.float32]
    classes: NDArray[np.int64]
    layer_names: tuple[str, ...]
    layer_sizes: tuple[int, ...]


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
        names = self._infos.get("objectives") if isinstance(self._infos, dict) else None
        if not isinstance(names, list) or not names:
            raise UsageError(
                f"{folder.init_infos} names no objectives, expected what a search of "
                "this tool writes"
            )
        self._records = read_records(folder.results, names)
        self._index = {record["id"]: i for i, record in enumerate(self._records)}

    @property
    def folder(self) -> RunFolder:
        """Where the run is."""
        return self._folder

    @property
    def infos(self) -> Mapping[str, Any]:
        """``init_infos.json``: problem, space, search, settings, versions."""
        return self._infos

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names of what the search maximises; columns of :attr:`evaluations`."""
        return tuple(self._infos["objectives"])

    @property
    def axes(self) -> tuple[str, ...]:
        """The objectives, and introspectability where it is recorded only."""
        scored = any(
            record.get(INTROSPECTABILITY) is not None for record in self._records
        )
        if INTROSPECTABILITY in self.objectives or not scored:
            return self.objectives
        return (*self.objectives, INTROSPECTABILITY)

    @property
    def hypervolume_reference(self) -> tuple[float, ...] | None:
        """The worst corner, one number an objective; known for accuracies only."""
        recorded = self._infos.get("hypervolume_reference")
        return None if recorded is None else tuple(map(float, recorded))

    @cached_property
    def evaluations(self) -> "pd.DataFrame":
        """One row an evaluation, in order of ``id``.

        Columns: ``id``, ``generation``, ``parent_ids`` and ``arch_seq`` (tuples), each
        objective under its name (NaN where it failed), ``introspectability`` where it
        is recorded only, ``reason`` of the failure, ``n_parameters``,
        ``training_time``, ``xai_time``, ``timestamp_start``, ``timestamp_end``
        (seconds), ``host``, ``worker``, and ``pareto_efficient``: whether no other
        evaluation is as good in all objectives and better in one.
        """
        from xnas.pareto import is_pareto_efficient

        efficient = is_pareto_efficient(self._points(self.objectives))
        return evaluations_frame(self._records, self.objectives, efficient)

    @property
    def front(self) -> "pd.DataFrame":
        """The evaluations that no other dominates, best task objective first."""
        best = self.evaluations[self.evaluations["pareto_efficient"]]
        return best.sort_values(
            [self.objectives[0], "id"], ascending=[False, True], ignore_index=True
        )

    def hypervolume(self) -> float | None:
        """Measure what the front dominates above :attr:`hypervolume_reference`.

        Returns:
            ``None`` where no reference makes sense.
        """
        from xnas.pareto import hypervolume

        if self.hypervolume_reference is None:
            return None
        points = self._points(self.objectives)
        return hypervolume(points, self.hypervolume_reference)

    def lineage(self, id_: int) -> "pd.DataFrame":
        """Return a network and all its ancestors, in order of ``id``.

        Args:
            id_: of the evaluation; it comes last.

        Returns:
            Rows of :attr:`evaluations`.

        Raises:
            UsageError: there is no such evaluation.
        """
        self._record(id_)
        found: set[int] = set()
        waiting = [id_]
        while waiting:
            one = waiting.pop()
            if one in found or one not in self._index:
                continue
            found.add(one)
            waiting.extend(self._record(one)["parent_ids"])
        positions = sorted(self._index[one] for one in found)
        return self.evaluations.iloc[positions].reset_index(drop=True)

    def gram(self, id_: int) -> Gram:
        """Read the Gram matrices of one network.

        Args:
            id_: of the evaluation.

        Raises:
            UsageError: there is no such evaluation, or it has none.
        """
        stored = self._stored(id_, self._folder.gram(id_), "Gram matrices", read_gram)
        return Gram(
            gram=stored["gram"],
            layer_share=stored["layer_share"],
            classes=stored["classes"],
            counts=stored["counts"],
            layer_names=tuple(stored["layer_names"].tolist()),
            layer_sizes=tuple(stored["layer_sizes"].tolist()),
        )

    def activations(self, id_: int) -> Activations:
        """Read the mean activations of one network.

        Args:
            id_: of the evaluation; those of the front of each generation have some.

        Raises:
            UsageError: there is no such evaluation, or it has none.
        """
        path = self._folder.activations(id_)
        stored = self._stored(id_, path, "activations", _read_arrays)
        return Activations(
            means=stored["means"],
            classes=stored["classes"],
            layer_names=tuple(stored["layer_names"].tolist()),
            layer_sizes=tuple(stored["layer_sizes"].tolist()),
        )

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

        from xnas.scores import distances_from_gram

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
        from xnas.scores import introspectability_from_gram

        gram = self.gram(id_)
        settings = self._infos.get("run_settings") or {}
        return introspectability_from_gram(
            gram.gram,
            gram.classes,
            self._infos.get("similarity"),
            divide_by_mean_similarity=settings.get("divide_by_mean_similarity", False),
        )

    def picks(self) -> dict[str, int]:
        """Choose up to three networks: the ends of the front and its knee.

        Where introspectability is recorded only, the front is that of both all the
        same: these are trade-offs to choose from, whatever the search looked at.

        Returns:
            Ids under ``accuracy``, ``introspectability`` and ``knee``; the latter two
            are missing where no network has a finite introspectability, all of them
            where nothing succeeded.
        """
        ids = np.array(list(self._index), dtype=np.int64)
        return pick_networks(ids, self._points(self.axes))

    def plot_front(self, axes: "Axes | None" = None) -> "Axes":
        """Draw all evaluations and the front.

        Args:
            axes: of matplotlib, new ones if ``None``.

        Returns:
            The axes.
        """
        from xnas.results.plotting import plot_front

        return plot_front(self, axes)

    def _points(self, names: tuple[str, ...]) -> NDArray[np.float64]:
        """Return (evaluations, names) float64, NaN where one failed."""
        values = [[record[name] for name in names] for record in self._records]
        return np.array(values, dtype=np.float64).reshape(-1, len(names))

    def _record(self, id_: int) -> dict[str, Any]:
        if id_ not in self._index:
            raise UsageError(
                f"{self._folder.root} has no evaluation {id_}, expected one of "
                f"{_told(list(self._index))}"
            )
        return self._records[self._index[id_]]

    def _stored(self, id_: int, path: Path, what: str, read: Any) -> Any:
        reason = self._record(id_)["reason"]
        if not path.exists():
            why = f"it failed ({reason})" if reason else f"there is no {path}"
            raise UsageError(f"evaluation {id_} has no {what}: {why}")
        try:
            return read(path)
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error


def _read_arrays(path: Path) -> dict[str, NDArray]:
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def _told(ids: list[int]) -> str:
    """Name ids in few words."""
    if not ids:
        return "those in its table, which has no rows"
    if ids == list(range(ids[0], ids[-1] + 1)):
        return f"{ids[0]} to {ids[-1]}"
    return f"the {len(ids)} from {ids[0]} to {ids[-1]}"
