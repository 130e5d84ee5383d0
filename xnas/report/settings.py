"""Settings and versions of a run, in words."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from xnas.objectives import recorded_objectives

_SCORING = {
    "explainability_type": "pairs of classes weigh",
    "group_by": "examples count for their",
    "divide_by_mean_similarity": "divided by mean weight",
    "max_scored_examples": "examples scored at most",
}


def settings_of(infos: Mapping[str, Any]) -> dict[str, str]:
    """Tell what was searched for and how.

    Args:
        infos: ``init_infos.json``; what is not in it is left out.
    """
    problem = infos.get("problem") or {}
    search = infos.get("search") or {}
    settings = infos.get("run_settings") or {}
    workers = infos.get("workers") or {}
    space = problem.get("search_space") or {}
    facts = {
        "problem": settings.get("problem"),
        "search": search.get("type"),
        **{
            name.replace("_", " "): value
            for name, value in search.items()
            if name not in ("type", "seed", "max_evals")
        },
        "seed": search.get("seed"),
        "search space": space.get("function"),
        **{name: value for name, value in space.items() if name != "function"},
        "loss": problem.get("loss"),
        "objective": problem.get("objective"),
        "searched for": ", ".join(one.text for one in recorded_objectives(infos)),
        "preprocessing": problem.get("preprocessing"),
        "augmentation": problem.get("augment"),
        **(problem.get("hyperparameters") or {}),
        **(settings.get("hyperparameters") or {}),
        **{words: settings.get(name) for name, words in _SCORING.items()},
        **{name.replace("_", " "): value for name, value in workers.items()},
        "command": shlex.join(map(str, infos.get("command") or ())) or None,
    }
    return _in_words(facts)


def versions_of(infos: Mapping[str, Any]) -> dict[str, str]:
    """Tell which software searched, and where.

    Args:
        infos: ``init_infos.json``; what is not in it is left out.
    """
    environment = infos.get("environment") or {}
    facts = {
        "xnas": infos.get("xnas"),
        "git commit": (environment.get("git_commit") or "")[:12] or None,
        "python": environment.get("python"),
        **(environment.get("packages") or {}),
        "platform": environment.get("platform"),
        "host": environment.get("host"),
        "CPUs": environment.get("cpus"),
    }
    return _in_words(facts)


def _in_words(facts: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(name): _word(value)
        for name, value in facts.items()
        if value is not None and value != {} and value != []
    }


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value)
