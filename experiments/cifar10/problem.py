"""The task ``cifar10``."""

from experiments.cifar10.load_data import load_data
from experiments.cifar10.search_space import create_search_space
from xnas.problem import NaProblem
from xnas.training.images import Compose, Cutout, Normalize, RandomCrop, RandomFlip

Problem = NaProblem()
Problem.load_data(load_data)
Problem.search_space(create_search_space)
Problem.preprocessing(
    Normalize(mean=(0.4914, 0.4822, 0.4465), std=(0.2023, 0.1994, 0.2010), scale=255)
)
Problem.augment(Compose(RandomCrop(padding=4), RandomFlip(), Cutout(size=8)))
Problem.hyperparameters(
    batch_size=512, learning_rate=0.1, weight_decay=0.0005, num_epochs=12
)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc"])
Problem.objective("val_acc__max")
Problem.classes(
    [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ]
)
