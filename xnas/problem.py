"""``NaProblem``: what a task's ``problem.py`` puts together.

Method names are those of DeepHyper 0.2; each checks at once what it is given.
"""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xnas.declarations import functions, measures
from xnas.declarations.explainers import Explainer
from xnas.declarations.functions import check_function, describe, file_of
from xnas.declarations.hyperparameters import DEFAULTS, checked_hyperparameters
from xnas.declarations.search_space import SHAPES, make_space, stated_shapes
from xnas.declarations.training_settings import TrainingSettings
from xnas.errors import TaskError, UsageError
from xnas.objectives import Metric
from xnas.scores import checked_similarity
from xnas.space import KSearchSpace


class NaProblem:
    """A neural architecture search problem; what it states, no more: it loads nothing.

    Args:
        seed: of no effect, since all that is random follows from ``--seed``; files of
            2021 set it.

    Raises:
        TaskError: by what needs something that was not set.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._load_data: partial[Any] | None = None
        self._search_space: partial[KSearchSpace] | None = None
        self._hyperparameters: dict[str, Any] = {}
        self._loss: Any = None
        self._metrics: list[Any] = []
        self._objective: str | None = None
        self._objectives: tuple[str, ...] | None = None
        self.explainers: tuple[Explainer, ...] = ()
        """What :meth:`explainability` added, in order."""
        self._preprocessing: Callable | None = None
        self._augment: Callable | None = None
        self._class_names: list[str] | None = None
        self._similarity: Callable[[], ArrayLike] | NDArray[np.float64] | None = None

    def load_data(self, func: Callable[..., Any], **kwargs: Any) -> None:
        """Name the function that loads the data, which is called once a worker.

        What is random for each epoch belongs in :meth:`augment`.

        Args:
            func: returns ``((X_train, y_train), (X_valid, y_valid))`` or a dictionary
                of generators.
            **kwargs: passed to it.

        Raises:
            TypeError: ``func`` is no function, or does not take these arguments.
        """
        check_function("load_data", func, **kwargs)
        self._load_data = partial(func, **kwargs)

    def search_space(self, func: Callable[..., KSearchSpace], **kwargs: Any) -> None:
        """Name the function that makes the search space.

        Args:
            func: takes ``input_shape`` and ``output_shape``; those without a default
                are filled in from the data.
            **kwargs: passed to it, such as ``stack_size=5``.

        Raises:
            TypeError: ``func`` is no function, or does not take these arguments.
        """
        check_function("search_space", func, **{**dict.fromkeys(SHAPES), **kwargs})
        self._search_space = partial(func, **kwargs)

    def hyperparameters(self, **kwargs: Any) -> None:
        """Set how networks are trained.

        Args:
            **kwargs: see :data:`xnas.declarations.hyperparameters.DEFAULTS`.

        Raises:
            ValueError: an unknown name, or a value that cannot be used.
        """
        values = {**self._hyperparameters, **kwargs}
        self._hyperparameters = checked_hyperparameters(values)

    def loss(self, loss: Any) -> None:
        """Set the loss.

        Args:
            loss: a name that Keras knows, or a function of (labels, predictions).

        Raises:
            ValueError: Keras has no loss of that name.
            TypeError: neither a name nor such a function.
        """
        measures.check_loss(loss)
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
        checked = measures.checked_metrics(metrics)
        if self._objective is not None:
            measures.check_objective(self._objective, checked)
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
        Metric.parse(objective)
        if self._metrics:
            measures.check_objective(objective, self._metrics)
        self._objective = objective

    def objectives(self, *names: str) -> None:
        """Set what a search is for, in order, where flags say nothing else.

        Args:
            *names: objectives out of the history as for :meth:`objective`, and others
                such as ``introspectability``, ``n_parameters`` or an explainer's name;
                a minus in front minimises.

        Raises:
            ValueError: none, something else than names, or one twice.
        """
        self._objectives = measures.checked_objective_names(names)

    def explainability(
        self,
        function: Callable,
        name: str | None = None,
        maximize: bool = True,
        reference: float | None = None,
    ) -> None:
        """Add an explainer, which may be an objective by its name.

        Args:
            function: takes a trained network and returns one number.
            name: the function's own by default, with dashes for underscores.
            maximize: whether more is better.
            reference: the worst value that counts for the hypervolume, if known.

        Raises:
            ValueError: a name that cannot be used, or that another explainer has.
            TypeError: ``function`` is no such function.
        """
        added = Explainer.checked(function, name, maximize, reference, self.explainers)
        self.explainers += (added,)

    def preprocessing(self, func: Callable) -> None:
        """Set what is done to every batch of inputs, training and validation alike.

        Args:
            func: a batch of inputs, (batch, …) float32, to such a batch, in
                TensorFlow; several inputs are a dictionary by name.

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
        self._class_names = measures.checked_class_names(names)

    def similarity(self, table: ArrayLike | Callable[[], ArrayLike]) -> None:
        """State how alike classes are, for ``activations-weighted`` introspectability.

        Args:
            table: (classes, classes) numbers, symmetric and 0 or more, that multiply
                the distance of each pair of classes in introspectability; or a
                function without arguments that returns them, called when needed.

        Raises:
            ValueError: something else.
            TypeError: a function that takes arguments.
        """
        if callable(table):
            check_function("similarity", table)
        self._similarity = table if callable(table) else checked_similarity(table)

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

    @property
    def hyperparameter_values(self) -> dict[str, Any]:
        """All hyperparameters, defaults filled in."""
        return {**DEFAULTS, **self._hyperparameters}

    @property
    def objective_name(self) -> str:
        """The task's own objective, such as ``val_acc__last``."""
        stated = measures.first_metric(self._objectives or (), self._metrics)
        return self._objective or stated or self._required("objective")

    @property
    def objective_names(self) -> tuple[str, ...] | None:
        """What :meth:`objectives` said, ``None`` if it was not called."""
        return self._objectives

    @property
    def loss_function(self) -> Any:
        """The loss, a name or a function."""
        return self._required("loss")

    @property
    def history_keys(self) -> list[str]:
        """What the training history holds for each epoch."""
        return measures.history_keys(self._metrics)

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
    def load_data_function(self) -> Callable[[], Any]:
        """The function that loads the data, its arguments filled in."""
        return self._required("load_data")

    @property
    def load_data_file(self) -> str:
        """File of the function that loads the data, for messages."""
        return file_of(self._required("load_data").func)

    @property
    def search_space_function(self) -> Callable[..., KSearchSpace]:
        """The function that makes the search space."""
        return self._required("search_space").func

    @property
    def search_space_file(self) -> str:
        """File of the function that makes the search space, for messages."""
        return file_of(self.search_space_function)

    @property
    def declared_shapes(self) -> dict[str, Any]:
        """``input_shape`` and ``output_shape`` where the search space states them."""
        return stated_shapes(self._required("search_space"))

    def label_similarity(self) -> NDArray[np.float64] | None:
        """Return how alike classes are, (classes, classes) float64, if stated.

        Raises:
            TaskError: the function that was named fails, or returns something else.
        """
        if not callable(self._similarity):
            return self._similarity
        function = self._similarity
        return functions.call_of_task(
            "similarity", lambda: checked_similarity(function()), file_of(function)
        )

    def training_settings(
        self, objectives: Sequence[str] | None = None
    ) -> TrainingSettings:
        """Return what training has to know.

        Args:
            objectives: of the search, in order; :attr:`objective_names` by default.
                The first one that is out of the history decides which epoch's weights
                are kept, the task's own where there is none.

        Raises:
            TaskError: loss or objective was not set.
        """
        names, metrics = objectives or self._objectives or (), tuple(self._metrics)
        deciding = measures.first_metric(names, metrics) or self.objective_name
        values = self.hyperparameter_values
        return TrainingSettings(values, self.loss_function, metrics, deciding)

    def check_complete(self) -> None:
        """Check that everything needed was set, and that the objective is measured.

        Raises:
            TaskError: something is missing.
        """
        for name in ("load_data", "search_space", "loss"):
            self._required(name)
        try:
            measures.check_objective(self.objective_name, self._metrics)
        except ValueError as error:
            raise TaskError(f"{self.load_data_file}: the Problem's {error}") from error

    def build_space(
        self, shapes: Mapping[str, Any] | None = None, **overrides: Any
    ) -> KSearchSpace:
        """Make the search space.

        Args:
            shapes: the data's ``input_shape`` and ``output_shape``, for a function
                that has no defaults; :func:`xnas.tasks.space_of` loads them.
            **overrides: keywords that replace those of :meth:`search_space`.

        Raises:
            TaskError: the function makes no search space.
            ValueError: a shape is missing.
        """
        make, values = self._required("search_space"), self.hyperparameter_values
        return make_space(make, overrides, shapes or {}, values["precision"])

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-able description."""
        is_table = isinstance(self._similarity, np.ndarray)
        described = {
            "load_data": describe(self._load_data),
            "search_space": describe(self._search_space),
            "hyperparameters": describe(self.hyperparameter_values),
            "loss": describe(self._loss),
            "metrics": describe(self._metrics),
            "objective": self._objective,
            "preprocessing": describe(self._preprocessing),
            "augment": describe(self._augment),
            "classes": self._class_names,
            "similarity": "given" if is_table else describe(self._similarity),
        }
        # Left out where not stated, as in the files of earlier versions.
        explainers = describe(list(map(vars, self.explainers)))
        stated = {"objectives": self._objectives, "explainability": explainers}
        return described | {name: list(one) for name, one in stated.items() if one}

    def __repr__(self) -> str:
        """Return the description as indented lines."""
        return functions.as_lines("Neural architecture search problem", self.to_json())

    def _required(self, name: str) -> Any:
        value = getattr(self, f"_{name}")
        if value is None:
            known = self._load_data or self._search_space
            beside = f" beside {file_of(known.func)}" if known else ""
            raise TaskError(
                f"the Problem{beside} has no {name}, expected a call of "
                f"Problem.{name}(...) in problem.py"
            )
        return value
