"""The files of a small task, to check, search and plant faults in."""

FILES = {
    "load_data.py": """
        import numpy as np
        from sklearn.model_selection import train_test_split

        rng = np.random.default_rng(0)
        X = rng.random((80, 8, 10, 1), dtype=np.float32)
        y = np.tile(np.arange(4), 20)

        def split(X=X, y=y):
            classes = None if y.dtype.kind == "f" and y.max() != 3 else y
            parts = train_test_split(
                X, y, test_size=0.25, stratify=classes, random_state=0
            )
            return (parts[0], parts[2]), (parts[1], parts[3])

        def stream(X, y):
            for picture, label in zip(X, y):
                yield {"input_0": picture}, label

        def streams(**changes):
            (X_train, y_train), (X_valid, y_valid) = split()
            return {
                "train_gen": lambda: stream(X_train, y_train),
                "train_size": len(y_train),
                "valid_gen": lambda: stream(X_valid, y_valid),
                "valid_size": len(y_valid),
                "types": ({"input_0": "float32"}, "int64"),
                "shapes": ({"input_0": (8, 10, 1)}, (4,)),
                **changes,
            }

        def load_data():
            return split()
        """,
    "search_space.py": """
        from xnas.search_space_common import *
        from xnas.search_space_common import nas_bench_201_search_space

        def create_search_space(input_shape, output_shape=(4,), **kwargs):
            return nas_bench_201_search_space(
                input_shape, output_shape, stack_size=1, **kwargs
            )
        """,
    "problem.py": """
        from {task}.load_data import load_data
        from {task}.search_space import create_search_space
        from xnas.problem import NaProblem

        Problem = NaProblem()
        Problem.load_data(load_data)
        Problem.search_space(create_search_space)
        Problem.hyperparameters(batch_size=16, learning_rate=0.01)
        Problem.loss("sparse_categorical_crossentropy")
        Problem.metrics(["acc"])
        Problem.objective("val_acc__last")
        """,
}

LOADER, SPACE, TASK = FILES
