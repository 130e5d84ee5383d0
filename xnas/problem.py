"""``NaProblem``: what a task's ``problem.py`` puts together.

Method names are those of DeepHyper 0.2; each checks at once what it is given.
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from xnas.errors import TaskError, UsageError, XNASError
from xnas.space import KSearchSpace
from xnas.training.functions import (
    check_function,
    default_of,
    describe,
    place_of,
    told,
)
from xnas.training.measures import check_loss, checked_metrics, history_keys
from xnas.training.names import find_alias, one_of
from xnas.training.objective import Objective
from xnas.training.settings import DEFAULTS, check_hyperparameters

if TYPE_CHECKING:
    from deephyper.hpo import HpProblem

Shape = tuple[int, ...]


class NaProblem:
    """A neural architecture search problem."""

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
        self._data_shapes: dict[str, Any] = {}

    # -- what problem.py calls -----------------------------------------------------

    def load_data(self, func: Callable[..., Any], **kwargs: Any) -> None:
        """Name the function that loads the data.

        Its examples are read into memory once a worker, those of generators too:
        what is random for each epoch belongs in :meth:`augment`.

        Args:
            func: returns ``((X_train, y_train), (X_valid, y_valid))`` or a dictionary
                of generators.
            **kwargs: passed to it.

        Raises:
            TypeError: ``func`` is no function, or does not take these arguments.
        """
        check_function("load_data", func, **kwargs)
        self._load_data, self._load_data_kwargs = func, kwargs

    def search_space(self, func: Callable[..., KSearchSpace], **kwargs: Any) -> None:
        """Name the function that makes the search space.

        Args:
            func: takes ``input_shape`` and ``output_shape``; those without a default
                are filled in from the data.
            **kwargs: passed to it, such as ``stack_size=5``.

        Raises:
            TypeError: ``func`` is no function, or does not take these arguments.
        """
        shapes = {"input_shape": None, "output_shape": None}
        check_function("search_space", func, **{**shapes, **kwargs})
        self._search_space, self._search_space_kwargs = func, kwargs

    def hyperparameters(self, **kwargs: Any) -> None:
        """Set how networks are trained.

        Args:
            **kwargs: see :data:`xnas.training.settings.DEFAULTS`.

        Raises:
            ValueError: an unknown name, or a value that cannot be used.
        """
        values = {**self._hyperparameters, **kwargs}
        check_hyperparameters(values)
        self._hyperparameters = values

    def loss(self, loss: Any) -> None:
        """Set the loss.

        Args:
            loss: a name that Keras knows, or a function of (labels, predictions).

        Raises:
            ValueError: Keras has no loss of that name.
            TypeError: neither a name nor such a function.
        """
        check_loss(loss)
        self._loss = loss

    def metrics(self, metrics: Iterable[Any]) -> None:
        """Set the metrics.

        Args:
            metrics: names that Keras knows, or functions of (labels, predictions).

        Raises:
            ValueError: Keras has no metric of that name, or the objective is not
                among them.
            TypeError: something else than names and functions.
        """
        checked = checked_metrics(metrics)
        if self._objective is not None:
            _check_objective(self._objective, checked)
        self._metrics = checked

    def objective(self, objective: str) -> None:
        """Set what the search maximises.

        Args:
            objective: a metric's name as in the training history, with ``val_`` for
                validation data, ``__last``, ``__max`` or ``__min`` for the epoch, and
                ``-`` in front to minimise: ``val_acc__last``, ``-val_loss__min``.

        Raises:
            ValueError: another form, or a name that is not among the metrics.
        """
        Objective.parse(objective)
        if self._metrics:
            _check_objective(objective, self._metrics)
        self._objective = objective

    def preprocessing(self, func: Callable) -> None:
        """Set what is done to every batch of inputs, training and validation alike.

        Args:
            func: a batch of inputs, (batch, …) float32, to such a batch, in
                TensorFlow; several inputs come as a dictionary by name.

        Raises:
            TypeError: ``func`` is no such function.
        """
        check_function("preprocessing", func, "batch")
        self._preprocessing = func

    def augment(self, func: Callable) -> None:
        """Set what is done to training batches after preprocessing.

        Args:
            func: one of :mod:`xnas.training.images`, or any function of a batch; one
                with an attribute ``n_draws`` also gets that many uniform numbers in
                [0, 1) an example, (batch, n_draws) float32, as its only randomness.

        Raises:
            TypeError: ``func`` is no such function.
        """
        draws = ["draws"] * bool(getattr(func, "n_draws", 0))
        check_function("augment", func, "batch", *draws)
        self._augment = func

    def classes(self, names: Iterable[str]) -> None:
        """Name the classes, in the order of their labels.

        Raises:
            ValueError: fewer than two names, or a name twice.
        """
        names = [str(name) for name in names]
        if len(names) < 2 or len(set(names)) < len(names):
            raise ValueError(
                f"classes are {names}, expected two or more different names"
            )
        self._class_names = names

    # -- what the rest of XNAS asks --------------------------------------------------

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

    @property
    def load_data_place(self) -> str:
        """File of the function that loads the data, for messages."""
        return place_of(self._required("load_data", self._load_data))

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
            _check_objective(self.objective_name, self._metrics)
        except ValueError as error:
            raise TaskError(f"{self.load_data_place}: the Problem's {error}") from error

    def with_hyperparameters(self, **overrides: Any) -> "NaProblem":
        """Return a copy with other hyperparameters, as ``--set`` asks for.

        Raises:
            UsageError: an unknown name, or a value that cannot be used.
        """
        other = copy.copy(self)
        try:
            other.hyperparameters(**overrides)
        except ValueError as error:
            raise UsageError(f"--set: {error}") from error
        return other

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
            from xnas.training.loading import load_task_data

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


def _call(function: Callable | None, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {"function": describe(function), **describe(kwargs)}


def _check_objective(objective: str, metrics: list[Any]) -> None:
    keys = history_keys(metrics)
    if find_alias(Objective.parse(objective).name, keys) is None:
        raise ValueError(
            f"objective is {objective!r}, expected {one_of(keys)} (the metrics that "
            "were set)"
        )
