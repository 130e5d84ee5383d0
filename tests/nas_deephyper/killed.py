"""An asynchronous search for a process of its own, to be killed."""

import os

import brief
import numpy as np

from xnas.nas_deephyper.evaluator import create_evaluator
from xnas.nas_deephyper.nsga_ii import AsynchronousNSGAII
from xnas.problem import NaProblem
from xnas.results import RunFolder, read_table
from xnas.search_space_common import nas_bench_201_search_space

WORKERS = 3


def create_search_space(input_shape=(8, 8, 1), output_shape=(10,)):
    return nas_bench_201_search_space(input_shape, output_shape, stack_size=1)


def load_data():
    X = np.zeros((10, 8, 8, 1), dtype=np.float32)
    return (X, np.arange(10)), (X, np.arange(10))


def make(folder, **kwargs):
    problem = NaProblem()
    problem.load_data(load_data)
    problem.search_space(create_search_space)
    problem.hyperparameters(batch_size=1, learning_rate=0.1, num_epochs=1)
    problem.loss("sparse_categorical_crossentropy")
    problem.metrics(["acc"])
    problem.objective("val_acc__last")
    options = {"random_state": 5, "population_size": 16, **kwargs}
    return AsynchronousNSGAII(problem, log_dir=folder, **options)


def carry_on(folder, reported, total):
    """Search until there are so many rows.

    Args:
        folder: the run folder; may hold a run.
        reported: file that gets the numbers of evaluations told to be done.
        total: rows in the end.
    """
    files = RunFolder(folder)
    done = len(read_table(files.results).evaluations)
    told = os.open(reported, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    search = make(
        folder,
        resume=files.init_infos.exists(),
        on_rows=lambda rows: os.write(
            told, "".join(f"{r.id}\n" for r in rows).encode()
        ),
    )
    evaluator = create_evaluator("process", brief.run, num_workers=WORKERS)
    try:
        search.search(evaluator, max_evals=total - done)
    finally:
        evaluator.close()
