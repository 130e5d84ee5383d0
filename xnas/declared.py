"""What a problem holds, and what the rest of XNAS asks of it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xnas.declarations.functions import default_of, describe, place_of, told
from xnas.declarations.hyperparameters import DEFAULTS
from xnas.declarations.keras_names import find_alias, one_of
from xnas.declarations.measures import history_keys
from xnas.errors import TaskError, XNASError
from xnas.objectives import Metric
from xnas.similarity import checked_similarity
from xnas.space import KSearchSpace

if TYPE_CHECKING:
    from deephyper.hpo import HpProblem

Shape = tuple[int, ...]


class Declarations:
    """Everything a ``problem.py`` may declare, empty at first."""

    def __init__(self) -> None:
        self._load_data: Callable[..., Any] | None = None
        self._load_data_kwargs: dict[str, Any] = {}
        self._search_space: Callable[..., KSearchSpace] | None = None
        self._search_space_kwargs: dict[str, Any] = {}
        self._hyperparameters: dict[str, Any] = {}
        self._loss: Any = None
        self._metrics: list[Any] = []
        self._objective: str | None = None
        self._preprocessing: Callable | None = None
        self._augment: Callable | None = None
        self._class_names: list[str] | None = None
        self._similarity: Callable[[], ArrayLike] | NDArray[np.float64] | None = None
        self._data_shapes: dict[str, Any] = {}

    @property
    def hyperparameter_values(self) -> dict[str, Any]:
        """All hyperparameters, defaults filled in."""
        return {**DEFAULTS, **self._hyperparameters}

    @property
    def objective_name(self) -> str:
        """The objective, such as ``val_acc__last``.

        Raises:
            TaskError: none was set.
        """
        return self._required("objective", self._objective)

    @property
    def loss_function(self) -> Any:
        """The loss, a name or a function.

        Raises:
            TaskError: none was set.
        """
        return self._required("loss", self._loss)

    @property
    def metric_list(self) -> list[Any]:
        """The metrics, names or functions."""
        return list(self._metrics)

    @property
    def history_keys(self) -> list[str]:
        """What the training history holds for each epoch."""
        return history_keys(self._metrics)

    @property
    def objective_key(self) -> str:
        """What of the history the objective is, such as ``val_acc``.

        Raises:
            TaskError: no objective was set.
        """
        name = Metric.parse(self.objective_name).name
        return str(find_alias(name, self.history_keys))

    @property
    def preprocessing_function(self) -> Callable | None:
        """What is done to every batch of inputs."""
        return self._preprocessing

    @property
    def augmentation(self) -> Callable | None:
        """What is done to training batches after preprocessing."""
        return self._augment

    @property
    def class_names(self) -> list[str] | None:
        """Names of the classes, if :meth:`classes` gave any."""
        return self._class_names

    def label_similarity(self) -> NDArray[np.float64] | None:
        """Return how alike classes are, (classes, classes) float64, if stated.

        Raises:
            TaskError: the function that was named fails, or returns something else.
        """
        if not callable(self._similarity):
            return self._similarity
        try:
            return checked_similarity(self._similarity())
        except XNASError:
            raise
        except Exception as error:
            raise TaskError(
                f"{place_of(self._similarity)}: similarity failed: {told(error)}"
            ) from error

    @property
    def search_space_function(self) -> Callable[..., KSearchSpace]:
        """The function that makes the search space.

        Raises:
            TaskError: none was set.
        """
        return self._required("search_space", self._search_space)

    @property
    def load_data_place(self) -> str:
        """File of the function that loads the data, for messages."""
        return place_of(self._required("load_data", self._load_data))

    @property
    def search_space_place(self) -> str:
        """File of the function that makes the search space, for messages."""
        return place_of(self._required("search_space", self._search_space))

    def call_load_data(self) -> Any:
        """Call the function that loads the data."""
        return self._required("load_data", self._load_data)(**self._load_data_kwargs)

    @property
    def declared_output_shape(self) -> Shape | None:
        """Output shape that the search space's keywords or defaults state."""
        function = self._required("search_space", self._search_space)
        shape = self._search_space_kwargs.get(
            "output_shape", default_of(function, "output_shape")
        )
        return None if shape is None else tuple(shape)

    def check_complete(self) -> None:
        """Check that everything needed was set, and that the objective is measured.

        Raises:
            TaskError: something is missing.
        """
        self._required("load_data", self._load_data)
        self._required("search_space", self._search_space)
        self._required("loss", self._loss)
        try:
            check_objective(self.objective_name, self._metrics)
        except ValueError as error:
            raise TaskError(f"{self.load_data_place}: the Problem's {error}") from error

    def note_data_shapes(self, inputs: list[Shape], output: Shape) -> None:
        """Remember the data's shapes, for search spaces that have no defaults.

        Args:
            inputs: shape of one example of each input.
            output: shape of one prediction.
        """
        input_shape = inputs[0] if len(inputs) == 1 else inputs
        self._data_shapes = {"input_shape": input_shape, "output_shape": output}

    def build_space(self, **overrides: Any) -> KSearchSpace:
        """Make the search space; loads the data first where only they know the shapes.

        Args:
            **overrides: keywords that replace those of :meth:`search_space`.

        Returns:
            The space.

        Raises:
            TaskError: the function makes no search space.
        """
        function = self._required("search_space", self._search_space)
        kwargs = {**self._search_space_kwargs, **overrides}
        unknown = [
            name
            for name in ("input_shape", "output_shape")
            if name not in kwargs and default_of(function, name) is None
        ]
        if unknown and not self._data_shapes:
            from xnas.tasks.loading import load_task_data

            load_task_data(self)
        shapes = {name: self._data_shapes[name] for name in unknown}
        try:
            space = function(**shapes, **kwargs)
        except XNASError as error:
            raise TaskError(f"{place_of(function)}: {error}") from error
        except Exception as error:
            raise TaskError(
                f"{place_of(function)}: {describe(function)} failed: {told(error)}"
            ) from error
        if not isinstance(space, KSearchSpace):
            raise TaskError(
                f"{place_of(function)}: {describe(function)} returned "
                f"{type(space).__name__}, expected a KSearchSpace"
            )
        return space

    def hp_problem(self, space: KSearchSpace) -> "HpProblem":
        """Return DeepHyper's view: one hyperparameter for each variable node.

        Args:
            space: the search space.
        """
        from deephyper.hpo import HpProblem

        problem = HpProblem()
        for node, (low, high) in zip(
            space.variable_nodes, space.choices(), strict=True
        ):
            # DeepHyper has no range of one number; it takes a list of one instead.
            values = (low, high) if high > low else [low]
            problem.add_hyperparameter(values, node.name)
        return problem

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-able description."""
        return {
            "load_data": _call(self._load_data, self._load_data_kwargs),
            "search_space": _call(self._search_space, self._search_space_kwargs),
            "hyperparameters": describe(self.hyperparameter_values),
            "loss": describe(self._loss),
            "metrics": describe(self._metrics),
            "objective": self._objective,
            "preprocessing": describe(self._preprocessing),
            "augment": describe(self._augment),
            "classes": self._class_names,
            "similarity": _name_of_table(self._similarity),
        }

    def __repr__(self) -> str:
        """Return the description as indented lines."""
        lines = ["Neural architecture search problem"]
        for name, value in self.to_json().items():
            if isinstance(value, dict):
                lines.append(f"  {name}:")
                lines += [f"    {key}: {entry}" for key, entry in value.items()]
            elif isinstance(value, list):
                lines.append(f"  {name}: {', '.join(map(str, value))}")
            else:
                lines.append(f"  {name}: {value}")
        return "\n".join(lines)

    def _required(self, name: str, value: Any) -> Any:
        if value is None:
            known = self._load_data or self._search_space
            place = f" beside {place_of(known)}" if known else ""
            raise TaskError(
                f"the Problem{place} has no {name}, expected a call of "
                f"Problem.{name}(...) in problem.py"
            )
        return value


def _name_of_table(table: Any) -> Any:
    return describe(table) if callable(table) or table is None else "given"


def _call(function: Callable | None, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {"function": describe(function), **describe(kwargs)}


def check_objective(objective: str, metrics: list[Any]) -> None:
    """Check that the objective is among what is measured.

    Args:
        objective: such as ``val_acc__last``.
        metrics: names or functions.

    Raises:
        ValueError: it is not.
    """
    keys = history_keys(metrics)
    if find_alias(Metric.parse(objective).name, keys) is None:
        raise ValueError(
            f"objective is {objective!r}, expected {one_of(keys)} (the metrics that "
            "were set)"
        )
