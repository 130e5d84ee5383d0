"""The task ``digits``."""

from experiments.digits.load_data import load_data, look_alike
from experiments.digits.search_space import create_search_space
from xnas.problem import NaProblem
from xnas.training.images import RandomCrop

Problem = NaProblem()
Problem.load_data(load_data)
Problem.search_space(create_search_space, stack_size=1)
Problem.augment(RandomCrop(padding=1))
# As much as tells networks apart in about a second each; at higher rates those of
# nothing but pooling and skip connections diverge.
Problem.hyperparameters(
    batch_size=64, learning_rate=0.03, weight_decay=0.00025, num_epochs=3
)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc"])
Problem.objective("val_acc__last")
Problem.classes([str(digit) for digit in range(10)])
# For --explainability-type activations-weighted: digits that look alike count more.
Problem.similarity(look_alike)
