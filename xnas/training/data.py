"""A task's examples in memory, served as batches."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xnas.training.split import Split

if TYPE_CHECKING:
    import tensorflow as tf

    from xnas.training.batches import Batches

SPLITS = ("train", "valid")


@dataclass(frozen=True)
class TaskData:
    """A task's examples in memory, shared by all evaluations of a worker.

    Args:
        train: training examples, as the loader delivered them.
        valid: validation examples, likewise.
        n_outputs: size of a prediction.
        label_form: ``integer``, ``one-hot``, ``binary`` (0 or 1 for one output),
            ``multi-label`` (any number of classes an example) or ``real``.
        preprocessing: applied to every batch of inputs.
        augment: applied to training batches after that.
        read_test: reads the test examples; ``None`` if there are none.
        goes_on: which of ``train`` and ``valid`` had more examples than they said.
    """

    train: Split
    valid: Split
    n_outputs: int
    label_form: str
    preprocessing: Callable | None = None
    augment: Callable | None = None
    read_test: Callable[[], Split] | None = None
    goes_on: tuple[str, ...] = ()

    @property
    def train_size(self) -> int:
        """Number of training examples."""
        return len(self.train.labels)

    @property
    def valid_size(self) -> int:
        """Number of validation examples."""
        return len(self.valid.labels)

    @property
    def is_classification(self) -> bool:
        """Whether each example is of one class."""
        return self.label_form not in ("real", "multi-label")

    @property
    def n_classes(self) -> int:
        """Number of classes of a classification: two where one output decides."""
        return 2 if self.label_form == "binary" else self.n_outputs

    @cached_property
    def input_shapes(self) -> list[tuple[int, ...]]:
        """Shape of one example of each input, preprocessing included."""
        if self.preprocessing is None:
            return [array.shape[1:] for array in self.train.inputs]
        inputs = self.some_inputs(1, augmented=False)
        return [tuple(array.shape[1:]) for array in inputs]

    @property
    def shapes(self) -> dict[str, Any]:
        """``input_shape`` and ``output_shape``, for a function of a search space.

        The former is a list where there are several inputs.
        """
        inputs = self.input_shapes
        input_shape = inputs[0] if len(inputs) == 1 else inputs
        return {"input_shape": input_shape, "output_shape": (self.n_outputs,)}

    def validation_batches(self, batch_size: int) -> "tf.data.Dataset":
        """Serve every validation example once, in order, never augmented.

        Args:
            batch_size: examples a batch; the last may hold fewer.

        Returns:
            Batches of (inputs, labels).
        """
        return self.validation_examples.in_order(batch_size)

    def tested(self) -> "TaskData | None":
        """Put the test examples in the place of those for validation.

        Returns:
            The task with them; ``None`` if it has none.

        Raises:
            TaskError: the test examples break the contract of ``load_data``.
        """
        if self.read_test is None:
            return None
        return replace(self, valid=self.read_test())

    @cached_property
    def training_examples(self) -> "Batches":
        """The training examples, as tensors."""
        return self._batches(self.train)

    @cached_property
    def validation_examples(self) -> "Batches":
        """The validation examples, as tensors."""
        return self._batches(self.valid)

    def split(self, name: str) -> Split:
        """Return the examples of ``train`` or ``valid``, as the loader gave them.

        Raises:
            ValueError: another name.
        """
        if name not in SPLITS:
            raise ValueError(f"split is {name!r}, expected one of {SPLITS}")
        return self.train if name == "train" else self.valid

    def examples(self, split: str) -> "Batches":
        """Return the examples of ``train`` or ``valid``, as tensors.

        Raises:
            ValueError: another name.
        """
        self.split(split)
        return self.training_examples if split == "train" else self.validation_examples

    @cached_property
    def input_spec(self) -> Any:
        """Describe a batch of inputs: a ``tf.TensorSpec``, or a dictionary of them."""
        return self.validation_batches(1).element_spec[0]

    def some_inputs(self, count: int, *, augmented: bool) -> "list[tf.Tensor]":
        """Return some training examples' inputs, after preprocessing.

        They are drawn by a fixed seed, as the first ones may be all of one class.

        Args:
            count: how many at most.
            augmented: whether to augment them, too.

        Returns:
            A tensor for each input.
        """
        return self.training_examples.some(count, augmented=augmented)

    def _batches(self, split: Split) -> "Batches":
        from xnas.training.batches import Batches  # loads TensorFlow

        return Batches(split, self.preprocessing, self.augment)
