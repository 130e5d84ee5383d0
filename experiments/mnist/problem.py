"""The task ``mnist``."""

from experiments.mnist.load_data import load_data
from experiments.mnist.search_space import create_search_space
from xnas.problem import NaProblem
from xnas.training.images import Compose, Cutout, Normalize, RandomCrop, RandomFlip

Problem = NaProblem()
Problem.load_data(load_data)
Problem.search_space(create_search_space)
Problem.preprocessing(Normalize(mean=(0.13066044,), std=(0.3081079,), scale=255))
Problem.augment(Compose(RandomCrop(padding=4), RandomFlip(), Cutout(size=8)))
Problem.hyperparameters(
    batch_size=512, learning_rate=0.1, weight_decay=0.0005, num_epochs=5
)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc"])
Problem.objective("val_acc__last")
Problem.classes([str(digit) for digit in range(10)])
