"""Load CIFAR-10 through tensorflow_datasets."""

from xnas.tasks.prepared import Pair, load_pictures_of


def load_data() -> tuple[Pair, Pair]:
    """Load 50,000 pictures to train on and 10,000 to validate on."""
    return load_pictures_of("cifar10", train="train", valid="test")
