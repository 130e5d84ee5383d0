"""What is asked of a search: the flags of the command, the keywords of Python."""

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from xnas.errors import UsageError, did_you_mean
from xnas.evaluation.settings import (
    EXPLAINABILITY_TYPES,
    MAX_SCORED_EXAMPLES,
    TRAINERS,
)
from xnas.records import python_values
from xnas.results.estimates import FEWEST_NETWORKS
from xnas.searches import DEDUPLICATE, find_search

ASYNCHRONOUS = "nsga2-asynchronous"

WEIGHTS_OF_TWO = ("weight_perf", "weight_xai")
"""Names that 2021 gave to the two weights of regularised evolution."""

OF_EVERY_SEARCH = ("resume", "report", "no_report", "progress", "verbose")
"""Names of what is no setting of a search, but stands beside them."""

WORDS_OF_2021 = ("multiobjective_explainability", "record_mo_xai_only")

CHOICES = {
    "explainability_type": EXPLAINABILITY_TYPES,
    "group_by": ("prediction", "label"),
    "deduplicate": DEDUPLICATE,
    "trainer": TRAINERS,
    "evaluator": ("serial", "process", "ray"),
}

_ABOVE_ZERO = (
    *("max_evals", "timeout", "confirm", "max_failures"),
    *("max_scored_examples", "stop_within"),
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """All settings of a search, recorded as such in ``init_infos.json``.

    The command has a flag for each; these sentences are its help.

    Args:
        problem: the task, such as digits, or the import path of its Problem, such as
            experiments.digits.problem.Problem
        search: name or import path of the search
        run: the function that evaluates one network
        hyperparameters: replace a hyperparameter of the task, such as num_epochs=1;
            may be given several times
        objectives: what is looked for, in order: metrics of the task such as
            val_acc__last, introspectability, n_parameters, n_multiplications,
            training_time, explainers (sparsity, class-selectivity, cka-redundancy,
            adversarial-margin, prediction-depth, calibration-error, those of the task,
            import paths); a minus in front minimises (default: what the task states,
            or its objective and introspectability)
        record: what is measured and written down besides
        references: worst value of an objective that counts for the hypervolume, as
            measured; may be given several times
        multiobjective_explainability: score introspectability; false leaves it out
            altogether (default: true)
        record_mo_xai_only: record introspectability, but search for the task alone
            (default: false)
        explainability_type: whether pairs of classes weigh the same in
            introspectability, or by the similarity that the task states, or by
            WordNet's
        group_by: what decides the class that an example counts for in
            introspectability
        divide_by_mean_similarity: divide weighted introspectability by the mean weight
        max_scored_examples: validation examples that introspectability uses at most:
            the same share of each class, drawn by one seed for all networks
        max_evals: networks to evaluate; without it, until the timeout or the space ends
        timeout: stop then, keeping what has finished
        confirm: at the end, train networks again, with other seeds, so many times in
            all: those of which it is least certain whether they are on the front;
            max_evals and timeout do not count these trainings
        max_failures: stop after so many failed evaluations without a success; none
            never does
        deduplicate: what is not trained twice: networks that compute the same function
            for suitably permuted weights, or equal choices only
        trainer: plain traces every network anew, compiled the whole space once a
            worker; auto takes what should be quicker, by sizes and numbers alone
        seed: seed of everything random; drawn and recorded if not given
        log_dir: the run folder (default: results/TASK/TIMESTAMP)
        stop_within: how long what runs may finish after SIGUSR1, which stops a search
            ahead of a time limit
        evaluator: one worker, workers on this machine, or workers of a Ray cluster
        num_workers: networks evaluated at a time (default: what CPUs and GPUs allow)
        num_cpus_per_task: CPUs, and TensorFlow threads, of each worker
        num_gpus_per_task: GPUs of each worker; fractions share one
        memory_per_worker: resident memory, such as 4G, above which a worker is
            replaced; bytes in Python
        evaluation_timeout: time after which one evaluation has failed; what a worker
            does once before gets an hour, or as long if that is more
        ray_address: the Ray cluster to join; auto starts one if none runs (default:
            start a Ray of our own)
        options: settings of the search itself, such as population_size

    Raises:
        UsageError: a value cannot be used.
    """

    problem: str | None = None
    search: str = "nsga2"
    run: str = "xnas.nas_deephyper.nas_run.run"
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    objectives: tuple[str, ...] | None = None
    record: tuple[str, ...] = ()
    references: Mapping[str, float] = field(default_factory=dict)
    multiobjective_explainability: bool | None = None
    record_mo_xai_only: bool | None = None
    explainability_type: str = "activations"
    group_by: Literal["prediction", "label"] = "prediction"
    divide_by_mean_similarity: bool = False
    max_scored_examples: int = MAX_SCORED_EXAMPLES
    max_evals: int | None = None
    timeout: int | None = None
    confirm: int | None = None
    max_failures: int | None = 10
    deduplicate: str = "isomorphic"
    trainer: str = "auto"
    seed: int | None = None
    log_dir: str | None = None
    stop_within: float = 60.0
    evaluator: str = "process"
    num_workers: int | None = None
    num_cpus_per_task: int = 1
    num_gpus_per_task: float = 0
    memory_per_worker: int | None = None
    evaluation_timeout: float | None = None
    ray_address: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what argparse checks of flags."""
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise _unusable(name, getattr(self, name), f"one of {choices}")
        for name in _ABOVE_ZERO:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise _unusable(name, value, "above 0")
        few = self.max_evals is not None and self.max_evals < FEWEST_NETWORKS
        if self.confirm and few:
            found = f"{self.max_evals} beside --confirm {self.confirm}"
            raise UsageError(
                f"--max-evals is {found}, expected {FEWEST_NETWORKS} or more, which it "
                "takes to tell how certain a front is"
            )

    @classmethod
    def of(
        cls, given: Mapping[str, Any], recorded: Mapping[str, Any] | None = None
    ) -> "Request":
        """Put settings together.

        Args:
            given: flags or keywords, options of the search among them.
            recorded: those of the run to carry on, by this version or an earlier one;
                they stand for what is not given.

        Raises:
            UsageError: a name that neither this class nor the search knows, or a
                value that cannot be used.
        """
        given = python_values(given)
        recorded = dict(recorded or {})
        recorded |= recorded.pop("options", None) or {}
        if given.get("objectives") is not None:
            # Earlier versions record both words, given or not.
            recorded |= dict.fromkeys(WORDS_OF_2021)
        known = {one.name for one in fields(cls)} - {"options"}
        values = {name: recorded[name] for name in known if name in recorded}
        values |= {name: value for name, value in given.items() if name in known}
        values["hyperparameters"] = dict(values.get("hyperparameters") or {})
        values["references"] = dict(values.get("references") or {})
        for name in ("objectives", "record"):
            if values.get(name) is not None:
                values[name] = _names(values[name])
        search = values.get("search", cls.search)
        options = option_defaults(search)
        for name in given:
            if name not in known and name not in options:
                raise UsageError(
                    f"{name} is no setting of a search by {search}, expected one of "
                    f"{', '.join(sorted([*known, *options]))}"
                    f"{did_you_mean(name, [*known, *options])}"
                )
        same = find_search(recorded.get("search", search)) is find_search(search)
        chosen = {**options, **(recorded if same else {}), **given}
        values["options"] = {name: chosen[name] for name in options}
        return cls(**values)

    @property
    def algorithm(self) -> str:
        """Name or import path of the search that is meant."""
        return ASYNCHRONOUS if self.options.get("asynchronous") else self.search

    def to_json(self) -> dict[str, Any]:
        """Return what a resumed run takes over, JSON-able."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        del values["log_dir"]
        return {**values, "options": dict(self.options)}


def option_defaults(search: str) -> dict[str, Any]:
    """Return all settings that a search has of its own, with their defaults.

    Raises:
        UsageError: there is no such search, or its options have names of others.
    """
    found = {option.name: option.default for option in find_search(search).options}
    taken = {*(one.name for one in fields(Request)), *OF_EVERY_SEARCH}
    if clash := sorted(taken & set(found)):
        raise UsageError(
            f"the search {search} has an option {clash[0]}, which every search has, "
            "expected another name"
        )
    if search in ("nsga2", "nsgaii"):
        found["asynchronous"] = False
    if search in ("regevo_xnas", "regevo-xnas"):
        found |= dict.fromkeys(WEIGHTS_OF_TWO)
    return found


def import_path(named: Any) -> str:
    """Return the import path of a function or class, and a path as it is."""
    if isinstance(named, str):
        return named
    return f"{named.__module__}.{named.__qualname__}"


def flag_of(name: str) -> str:
    """Return what the command line calls a setting."""
    renamed = {"hyperparameters": "set", "references": "reference"}
    return "--" + renamed.get(name, name).replace("_", "-")


def with_flags(sentence: str, names: Collection[str]) -> str:
    """Call settings of a search what the command line calls them."""
    words = sentence.split(" ")
    return " ".join(flag_of(word) if word in names else word for word in words)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(value.split(",")) if isinstance(value, str) else tuple(value)


def _unusable(name: str, value: Any, expected: str) -> UsageError:
    return UsageError(f"{flag_of(name)} is {value!r}, expected {expected}")


Say = Callable[[str], None]
"""Shows a line to whoever waits for the search."""


def saying(progress: bool) -> Say:
    """Return what shows lines on standard error, or nothing at all.

    Args:
        progress: whether to show them.
    """

    def say(line: str) -> None:
        if progress:
            print(line, file=sys.stderr, flush=True)

    return say
