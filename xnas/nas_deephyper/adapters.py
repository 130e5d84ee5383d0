"""From an algorithm that asks and tells to a search of DeepHyper."""

from xnas.nas_deephyper.mobo import MOBO
from xnas.nas_deephyper.nsga_ii import NSGAII, AsynchronousNSGAII
from xnas.nas_deephyper.regevo_xnas import RegularizedEvolutionXNAS
from xnas.nas_deephyper.search import XNASSearch
from xnas.searches import Search

SHIPPED: dict[type[Search], type[XNASSearch]] = {
    adapter.algorithm_class: adapter
    for adapter in (NSGAII, AsynchronousNSGAII, MOBO, RegularizedEvolutionXNAS)
}


def adapter_of(algorithm_class: type[Search]) -> type[XNASSearch]:
    """Return the search of DeepHyper that runs an algorithm.

    Args:
        algorithm_class: any subclass of :class:`xnas.searches.Search`.

    Returns:
        A class of the algorithm's name; the shipped one where there is one.
    """
    if algorithm_class in SHIPPED:
        return SHIPPED[algorithm_class]
    own = {
        "algorithm_class": algorithm_class,
        "__doc__": f"Runs {algorithm_class.__name__} in DeepHyper's loop.",
        "__module__": algorithm_class.__module__,
    }
    return type(algorithm_class.__name__, (XNASSearch,), own)
