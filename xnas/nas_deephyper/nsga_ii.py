"""NSGA-II as searches of DeepHyper: with generations, and without."""

from xnas.nas_deephyper.search import XNASSearch
from xnas.searches import asynchronous_nsga_ii, nsga_ii


class NSGAII(XNASSearch):
    """Runs :class:`xnas.searches.nsga_ii.NSGAII`.

    Args:
        *args: see :class:`~xnas.nas_deephyper.search.XNASSearch`.
        **kwargs: likewise; ``population_size``, ``variation``.
    """

    algorithm_class = nsga_ii.NSGAII


class AsynchronousNSGAII(XNASSearch):
    """Runs :class:`xnas.searches.asynchronous_nsga_ii.AsynchronousNSGAII`.

    Args:
        *args: see :class:`~xnas.nas_deephyper.search.XNASSearch`.
        **kwargs: likewise; ``population_size``, ``variation``.
    """

    algorithm_class = asynchronous_nsga_ii.AsynchronousNSGAII
