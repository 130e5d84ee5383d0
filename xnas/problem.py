"""``NaProblem``: what a task's ``problem.py`` puts together.

Method names are those of DeepHyper 0.2; each checks at once what it is given.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any

from numpy.typing import ArrayLike

from xnas.declarations.functions import check_function
from xnas.declarations.hyperparameters import check_hyperparameters
from xnas.declarations.measures import check_loss, checked_metrics
from xnas.declared import Declarations, check_objective
from xnas.errors import UsageError
from xnas.objectives import Metric
from xnas.similarity import checked_similarity
from xnas.space import KSearchSpace


class NaProblem(Declarations):
    """A neural architecture search problem.

    Args:
        seed: of no effect, since all that is random follows from ``--seed``; files of
            2021 set it.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()

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
            **kwargs: see :data:`xnas.declarations.hyperparameters.DEFAULTS`.

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
            check_objective(self._objective, checked)
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
            check_objective(objective, self._metrics)
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
            self._similarity = table
        else:
            self._similarity = checked_similarity(table)

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
