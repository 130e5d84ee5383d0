"""The task ``lines``."""

from experiments.lines.load_data import load_data
from experiments.lines.search_space import create_search_space
from xnas.problem import NaProblem

Problem = NaProblem()
Problem.load_data(load_data, size=128)
Problem.search_space(create_search_space, stack_size=2)
Problem.hyperparameters(
    batch_size=512,
    learning_rate=0.01,
    optimizer="adam",
    weight_decay=0.00025,
    num_epochs=1,
)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc"])
Problem.objective("val_acc__last")
Problem.classes(["none", "horizontal", "vertical", "diagonal"])
