"""Searches by name, import path or entry point."""

from importlib.metadata import entry_points
from inspect import isabstract

from xnas.errors import UsageError
from xnas.imports import load_object
from xnas.searches.base import Search

SEARCHES = {
    "nsga2": "xnas.searches.nsga_ii.NSGAII",
    "nsgaii": "xnas.searches.nsga_ii.NSGAII",
    "nsga2-asynchronous": "xnas.searches.asynchronous_nsga_ii.AsynchronousNSGAII",
    "mobo": "xnas.searches.mobo.MOBO",
    "regevo_xnas": "xnas.searches.regularized_evolution.RegularizedEvolution",
    "regevo-xnas": "xnas.searches.regularized_evolution.RegularizedEvolution",
}
"""The searches that are shipped: name to import path."""

GROUP = "xnas.searches"


def find_search(name: str) -> type[Search]:
    """Find a search.

    Args:
        name: one of :data:`SEARCHES`, of the entry point group ``xnas.searches``, or
            the import path of a subclass of :class:`~xnas.searches.base.Search`.

    Returns:
        The class.

    Raises:
        UsageError: there is none, or it is no search.
        TaskError: its module cannot be imported.
    """
    registered = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name in registered and name not in SEARCHES:
        found = registered[name].load()
    elif name in SEARCHES or "." in name:
        found = load_object(SEARCHES.get(name, name), "the search")
    else:
        known = ", ".join([*SEARCHES, *registered])
        raise UsageError(
            f"the search is {name!r}, expected one of {known}, or the import path of a "
            "subclass of xnas.searches.Search"
        )
    if not isinstance(found, type) or not issubclass(found, Search):
        raise UsageError(
            f"the search is {name!r}, which is no subclass of xnas.searches.Search"
        )
    if isabstract(found):
        lacking = ", ".join(sorted(found.__abstractmethods__))
        raise UsageError(f"the search is {name!r}, which does not define {lacking}")
    return found
