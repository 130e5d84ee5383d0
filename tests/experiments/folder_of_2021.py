"""A task folder as users of the 2021 tool wrote it, after that README's advice."""

LOAD_DATA = """
from xnas.utils import get_logger

logger = get_logger(__name__)


def preprocess(image, label):
    import tensorflow as tf

    image = tf.image.convert_image_dtype(image, dtype=tf.float32)
    image = (image - tf.reshape([0.13], [1, 1, 1])) / tf.reshape([0.3], [1, 1, 1])
    return image, tf.one_hot(label, depth=4, dtype=tf.int32)


def augment(image, label):
    import tensorflow as tf

    return tf.image.random_flip_left_right(image), label


def pictures(size):
    import numpy as np
    import tensorflow as tf

    rng = np.random.default_rng(size)
    labels = np.arange(size) % 4
    images = rng.integers(0, 60, (size, 8, 8, 1)).astype("uint8")
    for image, label in zip(images, labels):
        image[2 * label : 2 * label + 2] += 180
    return tf.data.Dataset.from_tensor_slices((images, labels))


def load_data(size=64):
    def load_train():
        import tensorflow as tf

        return (
            pictures(size)
            .map(preprocess, num_parallel_calls=tf.data.AUTOTUNE)
            .cache()
            .map(augment, num_parallel_calls=tf.data.AUTOTUNE)
        )

    def load_test():
        return pictures(size // 2).map(preprocess).cache()

    logger.info("loading")
    return {
        "train_gen": load_train,
        "train_size": size,
        "valid_gen": load_test,
        "valid_size": size // 2,
        "types": ({"input_0": "float32"}, "int32"),
        "shapes": ({"input_0": (8, 8, 1)}, (4,)),
    }
"""

ARRAYS = """
import numpy as np


def load_data(height=8, width=8, train_size=0.75, size=5000):
    rng = np.random.default_rng(42)
    x = rng.random((size, height, width, 1)).astype(np.float32)
    y = np.eye(4, dtype=int)[np.arange(size) % 4]
    n = int(train_size * size)
    return (x[:n], y[:n]), (x[n:], y[n:])
"""

SPACE = """
from xnas.search_space_common import summarize_search_space_arch
from xnas.search_space_common import nas_bench_201_search_space


def create_search_space(
        input_shape=(8, 8, 1), output_shape=(4,),
        filter_scale_factor=0.25,
        *args, **kwargs
):
    if isinstance(input_shape[0], int):
        input_shape = [input_shape]

    return nas_bench_201_search_space(
        input_shape,
        output_shape,
        regression=False,
        n_nodes=3,
        stack_size=1,
        filter_scale_factor=filter_scale_factor,
    )


def test_create_search_space(*args):
    space = create_search_space()
    summarize_search_space_arch(space, [float(arg) for arg in args], plot_shapes=True)


if __name__ == "__main__":
    import sys

    test_create_search_space(*sys.argv[1:])
"""

OWN_SPACE = """
import tensorflow as tf

from deephyper.nas.space import AutoKSearchSpace
from deephyper.nas.space.node import ConstantNode, VariableNode
from deephyper.nas.space.op.basic import Operation
from deephyper.nas.space.op.cnn import Conv2D, MaxPool2D, SeparableConv2D
from deephyper.nas.space.op.op1d import BatchNormalization, Identity

from xnas.search_space_common import AddByProjectingND, AvgPool2DBlock, Conv2DBlock
from xnas.search_space_common import GlobalAveragePooling2D, NASBench201Cell
from xnas.search_space_common import NASBench201ResidualBlock, NullableIdentity


def create_search_space(input_shape=(8, 8, 1), output_shape=(4,), **kwargs):
    if isinstance(input_shape[0], int):
        input_shape = [input_shape]
    arch = AutoKSearchSpace(input_shape, output_shape, regression=False)
    stem = ConstantNode(Conv2DBlock(
        kernel_size=3, filters=4, activation=None, dropout=None, batchnorm=True,
        scope="stem",
    ))
    arch.connect(arch.input_nodes[0], stem)
    cell = NASBench201Cell(arch, filters=4, n_nodes=2, scope="stack_1")
    arch.connect(stem, cell.input_node)
    residual = NASBench201ResidualBlock(arch=arch, filters=6, strides=2, scope="r")
    arch.connect(cell.output_node, residual.input_node)
    copied = cell.mimed_copy(filters=6, scope="stack_2")
    arch.connect(residual.output_node, copied.input_node)
    choice = VariableNode()
    choice.add_op(SeparableConv2D(3, filters=6, padding="SAME"))
    choice.add_op(MaxPool2D(pool_size=2))
    choice.add_op(AvgPool2DBlock(pool_size=3, padding="SAME", batchnorm=False))
    choice.add_op(Conv2D(kernel_size=3, filters=6, activation=tf.nn.relu))
    choice.add_op(NullableIdentity())
    arch.connect(copied.output_node, choice)
    norm = ConstantNode(BatchNormalization())
    arch.connect(choice, norm)
    merge = ConstantNode(AddByProjectingND(arch, [norm, stem], activation="relu"))
    gap = ConstantNode(GlobalAveragePooling2D(nullable=True))
    arch.connect(merge, gap)
    return arch
"""

PROBLEM = """
from deephyper.problem import NaProblem

from {name}.load_data import load_data
from {name}.search_space import create_search_space

Problem = NaProblem()

Problem.load_data(load_data, size=32)

Problem.search_space(create_search_space)

Problem.hyperparameters(
    batch_size=16, learning_rate=0.1, optimizer='sgd', momentum=0.9,
    weight_decay=0.0005,
    nesterov=True, num_epochs=1,
)

Problem.loss('categorical_crossentropy')

Problem.metrics(['acc', 'top_k_categorical_accuracy'])

Problem.objective('val_acc__last')

if __name__ == '__main__':
    print(Problem)
"""


def write(root, name, load_data, space):
    """Write the folder, and return it."""
    folder = root / name
    folder.mkdir()
    texts = {"load_data": load_data, "search_space": space, "__init__": ""}
    for module, text in {**texts, "problem": PROBLEM.format(name=name)}.items():
        (folder / f"{module}.py").write_text(text.lstrip())
    return folder
