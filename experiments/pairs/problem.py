"""The task ``pairs``."""

from experiments.pairs.load_data import load_data
from experiments.pairs.search_space import create_search_space
from xnas.problem import NaProblem

Problem = NaProblem()
Problem.load_data(load_data)
Problem.search_space(create_search_space)
Problem.hyperparameters(
    batch_size=64, optimizer="adam", learning_rate=0.003, num_epochs=6
)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc"])
Problem.objective("val_acc__last")
Problem.classes(["smaller", "equal", "greater"])
