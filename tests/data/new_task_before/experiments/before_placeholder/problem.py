"""The task ``before_placeholder``."""

from experiments.before_placeholder.load_data import load_data
from experiments.before_placeholder.search_space import create_search_space
from xnas.problem import NaProblem
from xnas.training.images import RandomCrop

# In the order of their labels.
CLASSES = ["0", "1"]

Problem = NaProblem()
Problem.load_data(load_data)
# One cell a stage is quick to train; the paper's networks have five.
Problem.search_space(create_search_space, stack_size=1)
Problem.augment(RandomCrop(padding=1))
# Batches of 8 are 8 steps an epoch. More epochs train networks
# better and take longer; --set num_epochs=30 tries that without an edit.
# Much higher learning rates break networks that only pool and skip.
Problem.hyperparameters(batch_size=8, learning_rate=0.01, num_epochs=20)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc"])
Problem.objective("val_acc__last")
Problem.classes(CLASSES)
