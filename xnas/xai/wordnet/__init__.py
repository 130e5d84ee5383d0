"""How similar labels are in WordNet, whose data XNAS ships for imagenet_resized.

At run time :func:`similarity` alone is needed, and NumPy alone is imported.
``python -m xnas.xai.wordnet`` makes the shipped files anew from WordNet.
"""

from xnas.xai.wordnet.closure import Closure, load_closure
from xnas.xai.wordnet.distances import LabelDistances, label_distances
from xnas.xai.wordnet.graph_hash import graph_hash
from xnas.xai.wordnet.source import WordNetMissingError, read_closure
from xnas.xai.wordnet.table import label_names, similarity

__all__ = [
    "Closure",
    "LabelDistances",
    "WordNetMissingError",
    "graph_hash",
    "label_distances",
    "label_names",
    "load_closure",
    "read_closure",
    "similarity",
]
