"""What a run folder holds: infos, evaluations, and arrays of each."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from xnas.errors import UsageError
from xnas.objectives import LAYER_MEAN, Objective, recorded_objectives
from xnas.records import Evaluation
from xnas.results.arrays import (
    MAX_CLASSES_PER_LAYER,
    Activations,
    Gram,
    read_activations,
    read_gram,
)
from xnas.results.folder import RunFolder
from xnas.results.table import read_table
from xnas.scores import (
    distances_from_gram,
    introspectability_from_gram,
    layer_mean_from_gram,
)

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T", Gram, Activations)


class StoredRun:
    """What is stored of a run, as it was when it was read.

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
    def records(self) -> tuple[Evaluation, ...]:
        """All evaluations, in order of id; objectives as they are stored."""
        return tuple(self._by_id.values())

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

    def history(self, id_: int) -> dict[str, list[float]]:
        """Read the learning curves of one network.

        Args:
            id_: of the evaluation.

        Returns:
            One value an epoch, by the names of loss and metrics; empty where nothing
            is stored, as of an evaluation that failed.

        Raises:
            UsageError: there is no such evaluation, or its file cannot be read.
        """
        self.record(id_)
        path = self._folder.history(id_)
        try:
            found = json.loads(path.read_text())
            return {str(k): [float(one) for one in v] for k, v in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error

    def _as_given(self, layer_names: Sequence[str]) -> tuple[str, ...]:
        """Call layers by the names of nodes that were made fit for Keras."""
        space = self._infos.get("space")
        scopes = space.get("scopes", {}) if isinstance(space, Mapping) else {}
        return tuple(_given(name, scopes) for name in layer_names)

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

    @property
    def scores_by_layer(self) -> bool:
        """Whether introspectability is the mean over layers of their own scores."""
        settings = self._infos.get("run_settings") or {}
        return bool(settings.get("explainability_type") == LAYER_MEAN)

    def score(self, id_: int) -> float:
        """Work out introspectability again, from the stored Gram matrices.

        Args:
            id_: of the evaluation.

        Raises:
            UsageError: there is no such evaluation, or it has no Gram matrices.
        """
        settings = self._infos.get("run_settings") or {}
        if self.scores_by_layer:
            return self.layer_mean_score(id_)
        gram = self.gram(id_)
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

    def _stored(self, id_: int, path: Path, what: str, read: Callable[[Path], T]) -> T:
        reason = self.record(id_).failure
        if not path.exists():
            why = f"it failed ({reason})" if reason else f"there is no {path}"
            raise UsageError(f"evaluation {id_} has no {what}: {why}")
        try:
            found = read(path)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error
        return replace(found, layer_names=self._as_given(found.layer_names))


def _given(layer_name: str, scopes: Mapping[str, str]) -> str:
    for scope, given in scopes.items():
        if layer_name.startswith(f"{scope}."):
            return given + layer_name[len(scope) :]
    return layer_name


def _range(ids: list[int]) -> str:
    """Name ids in few words."""
    if not ids:
        return "those in its table, which has no rows"
    if ids == list(range(ids[0], ids[-1] + 1)):
        return f"{ids[0]} to {ids[-1]}"
    return f"the {len(ids)} from {ids[0]} to {ids[-1]}"
