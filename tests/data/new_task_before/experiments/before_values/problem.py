"""The task ``before_values``."""

from experiments.before_values.load_data import load_data
from experiments.before_values.search_space import create_search_space
from xnas.problem import NaProblem

Problem = NaProblem()
Problem.load_data(load_data)
Problem.search_space(create_search_space)
# Batches of 8 are 3 steps an epoch. More epochs train networks
# better and take longer; --set num_epochs=30 tries that without an edit.
# Much higher learning rates break networks that only pool and skip.
Problem.hyperparameters(
    batch_size=8, learning_rate=0.01, optimizer="adam", num_epochs=20
)
# Of targets with standard deviation 1, see load_data.py.
Problem.loss("mean_squared_error")
Problem.metrics(["mae"])
# The minus minimises. Searches of a regression are run with
# --multiobjective-explainability false, as there are no classes.
Problem.objective("-val_loss__last")
