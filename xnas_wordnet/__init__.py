"""Labels of ImageNet in WordNet: what ``hierarchical_imagenet.py`` makes tables of.

A search needs none of it: it reads two shipped files through
:mod:`xnas.xai.wordnet`, which ``python -m xnas_wordnet`` makes anew from WordNet.
"""

from xnas_wordnet.closure import Closure, load_closure
from xnas_wordnet.distances import LabelDistances, label_distances
from xnas_wordnet.graph_hash import graph_hash
from xnas_wordnet.source import WordNetMissingError, read_closure

__all__ = [
    "Closure",
    "LabelDistances",
    "WordNetMissingError",
    "graph_hash",
    "label_distances",
    "load_closure",
    "read_closure",
]
