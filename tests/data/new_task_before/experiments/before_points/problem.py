"""The task ``before_points``."""

from experiments.before_points.load_data import load_data
from experiments.before_points.search_space import create_search_space
from xnas.problem import NaProblem

# In the order of their labels.
CLASSES = ["0", "1"]

Problem = NaProblem()
Problem.load_data(load_data)
Problem.search_space(create_search_space)
# Batches of 8 are 3 steps an epoch. More epochs train networks
# better and take longer; --set num_epochs=30 tries that without an edit.
# Much higher learning rates break networks that only pool and skip.
Problem.hyperparameters(batch_size=8, learning_rate=0.01, num_epochs=20)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc"])
Problem.objective("val_acc__last")
Problem.classes(CLASSES)
