"""The task ``imagenet``; classes may be weighed by WordNet's kinship."""

from experiments.imagenet.load_data import N_CLASSES, load_data
from experiments.imagenet.search_space import create_search_space
from xnas.problem import NaProblem
from xnas.training.images import Compose, Cutout, Normalize, RandomCrop, RandomFlip
from xnas.xai import wordnet

Problem = NaProblem()
Problem.load_data(load_data)
Problem.search_space(create_search_space)
Problem.preprocessing(
    Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), scale=255)
)
Problem.augment(Compose(RandomCrop(padding=2), RandomFlip(), Cutout(size=4)))
Problem.hyperparameters(
    batch_size=512, learning_rate=0.1, weight_decay=0.0005, num_epochs=200
)
Problem.loss("sparse_categorical_crossentropy")
Problem.metrics(["acc", "sparse_top_k_categorical_accuracy"])
Problem.objective("val_acc__last")
Problem.classes(wordnet.label_names(N_CLASSES))
