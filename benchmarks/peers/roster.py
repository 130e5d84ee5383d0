"""All searches that are compared."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, NamedTuple

from benchmarks.peers.objective import BudgetSpent, Objective
from xnas.imports import load_object

OURS = "XNAS NSGA-II"


class Peer(NamedTuple):
    """A search that is compared.

    Attributes:
        function: in this package, module and name; takes an objective and a seed, and
            searches until the evaluations are spent.
        settings: more that it takes.
        needs: the package that it comes from.
        most: evaluations that it is given at most, since each takes longer.
    """

    function: str
    settings: Mapping[str, Any] = MappingProxyType({})
    needs: str = "xnas"
    most: int | None = None


def _ours(name: str, **settings: Any) -> Peer:
    return Peer("xnas_searches.run_xnas", {"kind": name, **settings})


PEERS: dict[str, Peer] = {
    OURS: _ours("nsga2"),
    "XNAS NSGA-II, asynchronous": _ours("nsga2-asynchronous"),
    "XNAS NSGA-II, deduplicate genotype": _ours("nsga2", deduplicate="genotype"),
    "XNAS NSGA-II, population 16": _ours("nsga2", population_size=16),
    "XNAS NSGA-II, population 32": _ours("nsga2", population_size=32),
    "XNAS MOBO": _ours("mobo")._replace(most=500),
    "XNAS regularised evolution": _ours("regevo_xnas"),
    "Optuna NSGA-II": Peer("optuna_searches.run_nsga2", needs="optuna"),
    "Optuna TPE": Peer("optuna_searches.run_tpe", needs="optuna"),
    "Optuna GP": Peer("optuna_searches.run_gp", needs="torch", most=150),
    "pymoo NSGA-II": Peer("pymoo_searches.run_nsga2"),
    "pymoo SMS-EMOA": Peer("pymoo_searches.run_sms_emoa"),
    "DeepHyper CBO": Peer("deephyper_searches.run_cbo", most=250),
    "DeepHyper regularised evolution": Peer(
        "deephyper_searches.run_regularized_evolution"
    ),
    "DeepHyper random": Peer("deephyper_searches.run_random"),
    "SMAC ParEGO": Peer("smac_searches.run_parego", needs="smac", most=125),
    "Syne Tune MO-REA": Peer("syne_tune_searches.run_mo_rea", needs="syne_tune"),
    "random": Peer("random_search.draw_blindly"),
    "random, no network twice": Peer("random_search.draw_networks"),
}


def installed() -> list[str]:
    """Name the searches whose packages there are."""
    return [name for name, peer in PEERS.items() if find_spec(peer.needs)]


def search_with(name: str, objective: Objective, seed: int) -> None:
    """Search with one of ``PEERS`` until the objective's budget is spent.

    Args:
        name: which.
        objective: remembers what was evaluated.
        seed: of the search.
    """
    peer = PEERS[name]
    run: Callable[..., None] = load_object(f"benchmarks.peers.{peer.function}", name)
    with suppress(BudgetSpent):
        run(objective, seed, **peer.settings)
    if len(objective.points) != objective.budget:
        raise RuntimeError(
            f"{name} made {len(objective.points)} evaluations, expected "
            f"{objective.budget}"
        )
