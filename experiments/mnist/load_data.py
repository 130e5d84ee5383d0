"""Load MNIST through tensorflow_datasets."""

from xnas.tasks.prepared import Pair, load_pictures_of


def load_data() -> tuple[Pair, Pair]:
    """Load 60,000 pictures to train on and 10,000 to validate on."""
    return load_pictures_of("mnist", train="train", valid="test")
