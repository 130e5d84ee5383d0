"""Algorithms that ask for evaluations and are told what became of them.

Nothing here loads TensorFlow, DeepHyper or Ray. A search of one's own is a subclass of
:class:`Search` that is named by its import path, or registered under the entry point
group ``xnas.searches``.
"""

from xnas.searches.base import Option, Search
from xnas.searches.networks import DEDUPLICATE, Networks
from xnas.searches.registry import SEARCHES, find_search

__all__ = ["DEDUPLICATE", "SEARCHES", "Networks", "Option", "Search", "find_search"]
