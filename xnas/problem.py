"""``NaProblem``: what a task's ``problem.py`` puts together.

Method names are those of DeepHyper 0.2; each checks what it is given at once.
"""

import copy
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from xnas.errors import TaskError, UsageError
from xnas.space import KSearchSpace
from xnas.training.settings import DEFAULTS, check_hyperparameter, check_objective

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
        self._data_shapes: tuple[list[Shape], Shape] | None = None

    # -- what problem.py calls -----------------------------------------------------

    def load_data(self, func: Callable[..., Any], **kwargs: Any) -> None:
        """Name the function that loads the data.

        Args:
            func: returns ``((X_train, y_train), (X_valid, y_valid))`` or a dictionary
                of generators.
            **kwargs: passed to it.

        Raises:
            TypeError: ``func`` is no function, or does not take these arguments.
        """
        _check_call("load_data", func, kwargs)
        self._load_data, self._load_data_kwargs = func, kwargs

    def search_space(self, func: Callable[..., KSearchSpace], **kwargs: Any) -> None:
        """Name the function that makes the search space.

        Args:
            func: takes ``input_shape`` and ``output_shape``.
            **kwargs: passed to it, such as ``stack_size=5``.

        Raises:
            TypeError: ``func`` is no function, or does not take these arguments.
        """
        shapes = {"input_shape": None, "output_shape": None}
        _check_call("search_space", func, {**shapes, **kwargs})
        self._search_space, self._search_space_kwargs = func, kwargs

    def hyperparameters(self, **kwargs: Any) -> None:
        """Set how networks are trained.

        Args:
            **kwargs: see :data:`xnas.training.settings.DEFAULTS`.

        Raises:
            ValueError: an unknown name, or a value that cannot be used.
        """
        for name, value in kwargs.items():
            check_hyperparameter(name, value)
        self._hyperparameters.update(kwargs)

    def loss(self, loss: Any) -> None:
        """Set the loss: a name that Keras knows, or a function of (y, prediction).

        Raises:
            TypeError: neither of both.
        """
        if not isinstance(loss, str) and not callable(loss):
            raise TypeError(f"loss is {loss!r}, expected a name or a function")
        self._loss = loss

    def metrics(self, metrics: Iterable[Any]) -> None:
        """Set the metrics: names that Keras knows, or functions.

        Raises:
            TypeError: something else among them.
        """
        if isinstance(metrics, str) or not isinstance(metrics, Iterable):
            raise TypeError(f"metrics is {metrics!r}, expected a list")
        metrics = list(metrics)
        for metric in metrics:
            if not isinstance(metric, str) and not callable(metric):
                raise TypeError(
                    f"metrics holds {metric!r}, expected names or functions"
                )
        self._metrics = metrics

    def objective(self, objective: str) -> None:
        """Set what the search maximises.

        Args:
            objective: a metric's name as in the training history, with ``val_`` for
                validation data, ``__last``, ``__max`` or ``__min`` for the epoch, and
                ``-`` in front to minimise: ``val_acc__last``, ``-val_loss__min``.

        Raises:
            ValueError: another form.
        """
        check_objective(objective)
        self._objective = objective

    def preprocessing(self, func: Callable) -> None:
        """Set what is done to every batch of inputs, training and validation alike.

        Args:
            func: batch of inputs (float32) to batch of inputs, in TensorFlow.

        Raises:
            TypeError: ``func`` is no function.
        """
        _check_call("preprocessing", func, None)
        self._preprocessing = func

    def augment(self, func: Callable) -> None:
        """Set what is done to training batches after preprocessing.

        Args:
            func: one of :mod:`xnas.training.images`, or any function of a batch; one
                with an attribute ``n_draws`` also gets as many uniform numbers for
                each example.

        Raises:
            TypeError: ``func`` is no function.
        """
        _check_call("augment", func, None)
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
        return _place(self._required("load_data", self._load_data))

    def call_load_data(self) -> Any:
        """Call the function that loads the data."""
        return self._required("load_data", self._load_data)(**self._load_data_kwargs)

    @property
    def declared_output_shape(self) -> Shape | None:
        """Output shape that the search space's keywords or defaults state."""
        function = self._required("search_space", self._search_space)
        default = inspect.signature(function).parameters.get("output_shape")
        found = self._search_space_kwargs.get("output_shape", None)
        if found is None and default is not None and default.default is not default.empty:
            found = default.default
        return None if found is None else tuple(found)

    def with_hyperparameters(self, **overrides: Any) -> "NaProblem":
        """Return a copy with other hyperparameters, as ``--set`` asks for.

        Raises:
            UsageError: an unknown name, or a value that cannot be used.
        """
        for name, value in overrides.items():
            try:
                check_hyperparameter(name, value)
            except ValueError as error:
                raise UsageError(f"--set: {error}") from error
        other = copy.copy(self)
        other._hyperparameters = {**self._hyperparameters, **overrides}
        return other

    def with_data_shapes(self, inputs: list[Shape], output: Shape) -> "NaProblem":
        """Return a copy whose search space is made for these shapes.

        Args:
            inputs: shape of one example of each input.
            output: shape of one prediction.
        """
        other = copy.copy(self)
        other._data_shapes = (inputs, output)
        return other

    def build_space(self, **overrides: Any) -> KSearchSpace:
        """Make the search space.

        Args:
            **overrides: keywords that replace those of :meth:`search_space`.

        Returns:
            The space, for the shapes of the data where they are known.

        Raises:
            TaskError: the function makes no search space.
        """
        function = self._required("search_space", self._search_space)
        kwargs: dict[str, Any] = {}
        if self._data_shapes is not None:
            inputs, output = self._data_shapes
            kwargs["input_shape"] = inputs[0] if len(inputs) == 1 else inputs
            kwargs["output_shape"] = output
        kwargs |= {**self._search_space_kwargs, **overrides}
        if not _takes(function, kwargs):
            raise TaskError(
                f"{_place(function)}: {function.__name__} needs input_shape and "
                "output_shape, expected defaults for them or data to take them from"
            )
        space = function(**kwargs)
        if not isinstance(space, KSearchSpace):
            raise TaskError(
                f"{_place(function)}: {function.__name__} returned "
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
            # A range of one number is a constant, which DeepHyper writes as a list.
            problem.add_hyperparameter(
                (low, high) if high > low else [low], node.name
            )
        return problem

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-able description."""
        return {
            "load_data": _described(self._load_data, self._load_data_kwargs),
            "search_space": _described(self._search_space, self._search_space_kwargs),
            "hyperparameters": _jsonable(self.hyperparameter_values),
            "loss": _jsonable(self._loss),
            "metrics": _jsonable(self._metrics),
            "objective": self._objective,
            "preprocessing": _jsonable(self._preprocessing),
            "augment": _jsonable(self._augment),
        }

    def __repr__(self) -> str:
        """Return the description as indented lines."""
        lines = ["Neural architecture search problem"]
        for name, value in self.to_json().items():
            if isinstance(value, dict):
                lines.append(f"  {name}:")
                lines += [f"    {key}: {entry}" for key, entry in value.items()]
            else:
                lines.append(f"  {name}: {value}")
        return "\n".join(lines)

    def _required(self, name: str, value: Any) -> Any:
        if value is None:
            place = ""
            if name != "load_data" and self._load_data is not None:
                place = f" (the one that loads its data in {_place(self._load_data)})"
            raise TaskError(
                f"the Problem{place} has no {name}, expected a call of "
                f"Problem.{name}(...) in problem.py"
            )
        return value


def _check_call(
    name: str, func: Callable, kwargs: Mapping[str, Any] | None
) -> None:
    if not callable(func):
        raise TypeError(f"{name} is {func!r}, expected a function")
    if kwargs is not None and not _takes(func, kwargs):
        raise TypeError(
            f"{name}: {getattr(func, '__name__', func)} does not take the arguments "
            f"{', '.join(kwargs) or '(none)'}"
        )


def _takes(func: Callable, kwargs: Mapping[str, Any]) -> bool:
    try:
        inspect.signature(func).bind(**kwargs)
    except TypeError:
        return False
    return True


def _place(func: Callable) -> str:
    """Name the file that defines a function."""
    try:
        return inspect.getsourcefile(func) or str(func)
    except TypeError:
        return str(func)


def _described(func: Callable | None, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {"function": _jsonable(func), **_jsonable(dict(kwargs))}


def _jsonable(value: Any) -> Any:
    """Turn functions and layers into their names, at any depth."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(entry) for entry in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return repr(value)
