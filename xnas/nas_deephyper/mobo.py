"""Multi-objective Bayesian optimisation as a search of DeepHyper."""

from xnas.nas_deephyper.search import XNASSearch
from xnas.searches import mobo


class MOBO(XNASSearch):
    """Runs :class:`xnas.searches.mobo.MOBO`.

    Args:
        *args: see :class:`~xnas.nas_deephyper.search.XNASSearch`.
        **kwargs: likewise.
    """

    algorithm_class = mobo.MOBO
