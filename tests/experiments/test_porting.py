"""A task as one wrote it in 2021 runs after the changes that README's table lists."""

import textwrap

import pandas as pd

from xnas.cli import main

# In the manner of that time: one-hot labels, generators that return tf.data, types and
# shapes declared, augmentation inside the generator by a library that is gone.
LOAD_DATA = """
    import numpy as np
    import tensorflow as tf
    import tensorflow_addons as tfa
    from sklearn.datasets import load_digits

    NUM_CLASSES = 10


    def augment(image, label):
        image = tf.pad(image, [[1, 1], [1, 1], [0, 0]])
        image = tf.image.random_crop(image, [8, 8, 1])
        image = tfa.image.random_cutout(image[None], (2, 2))[0]
        return image, label


    def to_example(image, label):
        return {"input_0": image}, tf.one_hot(label, NUM_CLASSES)


    def load_data():
        X, y = load_digits(return_X_y=True)
        X = (X / 16.0).reshape(-1, 8, 8, 1).astype("float32")
        rs = np.random.RandomState(2021)
        order = rs.permutation(len(X))
        X, y = X[order], y[order]
        n = 300

        def train_gen():
            ds = tf.data.Dataset.from_tensor_slices((X[n:], y[n:]))
            return ds.map(augment).map(to_example)

        def valid_gen():
            ds = tf.data.Dataset.from_tensor_slices((X[:n], y[:n]))
            return ds.map(to_example)

        return {
            "train_gen": train_gen,
            "train_size": len(X) - n,
            "valid_gen": valid_gen,
            "valid_size": n,
            "types": ({"input_0": tf.float32}, tf.float32),
            "shapes": ({"input_0": (8, 8, 1)}, (NUM_CLASSES,)),
        }
"""
SEARCH_SPACE = """
    from xnas.search_space_common import nas_bench_201_search_space


    def create_search_space(input_shape=(8, 8, 1), output_shape=(10,),
                            regression=False, n_nodes=4, stack_size=1, *args, **kwargs):
        if isinstance(input_shape, list):
            if len(input_shape) != 1:
                raise ValueError("one input expected")
            input_shape = input_shape[0]
        return nas_bench_201_search_space(input_shape, output_shape, regression,
                                          n_nodes, stack_size)
"""
PROBLEM = """
    from deephyper.problem import NaProblem
    from experiments_2021.load_data import load_data
    from experiments_2021.search_space import create_search_space

    Problem = NaProblem(seed=2021)
    Problem.load_data(load_data)
    Problem.search_space(create_search_space)
    Problem.hyperparameters(
        batch_size=64,
        learning_rate=0.05,
        optimizer="sgd",
        num_epochs=1,
        verbose=0,
        callbacks=dict(TerminateOnNaN=dict()),
    )
    Problem.loss("categorical_crossentropy")
    Problem.metrics(["acc"])
    Problem.objective("val_acc__last")
"""
CHANGES = {
    "load_data.py": [
        (
            "import tensorflow_addons as tfa\n",
            "from xnas.training.images import Cutout\n",
        ),
        (
            "tfa.image.random_cutout(image[None], (2, 2))[0]",
            "Cutout(2)(image[None], tf.random.uniform((1, 2)))[0]",
        ),
    ],
    "search_space.py": [],
    "problem.py": [
        (
            "from deephyper.problem import NaProblem",
            "from xnas.problem import NaProblem",
        )
    ],
}


def test_a_task_of_2021_runs_after_changing_imports_and_the_call_of_cutout(
    tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "experiments_2021"
    folder.mkdir()
    texts = dict(zip(CHANGES, (LOAD_DATA, SEARCH_SPACE, PROBLEM), strict=True))
    for name, text in texts.items():
        text = textwrap.dedent(text)
        for old, new in CHANGES[name]:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    problem = ["--problem", "experiments_2021.problem.Problem"]
    assert main(["check", *problem]) == 0
    assert "labels one-hot" in capsys.readouterr().out
    flags = ["--evaluator", "serial", "--max-evals", "2", "--population-size", "2"]
    flags += ["--seed", "1", "--log-dir", str(tmp_path / "run")]
    assert main(["nas", "nsga2", *problem, *flags]) == 0
    rows = pd.read_csv(tmp_path / "run" / "results.csv")
    assert rows["objective_0"].between(0, 1).all()
