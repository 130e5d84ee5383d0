"""The task ``before_pictures``."""

from experiments.before_pictures.load_data import load_data
from experiments.before_pictures.search_space import create_search_space
from xnas.problem import NaProblem
from xnas.training.images import Compose, Normalize, RandomCrop, RandomFlip

# In the order of their labels.
CLASSES = ["circles", "squares"]
# Of each channel of the training pictures divided by 255.
MEAN = (0.2986,)
STD = (0.3546,)

Problem = NaProblem()
Problem.load_data(load_data)
# One cell a stage is quick to train; the paper's networks have five.
Problem.search_space(create_search_space, stack_size=1)
Problem.preprocessing(Normalize(MEAN, STD, scale=255))
# Take RandomFlip() away where left and right matter, as in text or digits.
Problem.augment(Compose(RandomCrop(padding=1), RandomFlip()))
# Batches of 8 are 3 steps an epoch. More epochs train networks
# better and take longer; --set num_epochs=30 tries that without an edit.
# Much higher learning rates break networks that only pool and skip.
Problem.hyperparameters(batch_size=8, learning_rate=0.01, num_epochs=20)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc"])
Problem.objective("val_acc__last")
Problem.classes(CLASSES)
