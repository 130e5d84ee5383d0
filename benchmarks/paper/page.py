"""The tables of ``docs/paper.md``, out of rows alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, log10
from statistics import fmean

from benchmarks.paper.rows import TIMES, Row
from benchmarks.paper.tasks import VARIANTS
from xnas.final_training.statistics import estimate

TITLES = {"digits": "digits", "mnist": "MNIST at 14 × 14"}

BEGIN, END = "<!-- tables: python -m benchmarks.paper --docs docs -->\n", "<!-- end -->"

SEARCH = {
    "accuracy max": "accuracy, maximum",
    "accuracy median": "median",
    "introspectability max": "introspectability, maximum",
    "introspectability median": "median",
    "hypervolume": "hypervolume",
}

DIFFERENCES = (
    ("multi", "single"),
    ("regularised", "single"),
    ("multi + regularised", "multi"),
)

TRUST = {
    "correlation": "correlation over 50 bins",
    "nearly_empty": "share of bins with fewer than 5 examples",
    "auroc": "AUROC",
}


@dataclass(frozen=True)
class Statement:
    """Something that the paper says.

    Args:
        words: what it says.
        measured: how we hold it against our numbers.
        values: of a task.
        least: above which their mean is, if we agree.
    """

    words: str
    measured: str
    values: Callable[["Found"], list[float]]
    least: float = 0.0


class Found:
    """The rows of one task.

    Args:
        rows: of any tasks.
        task: the one.
    """

    def __init__(self, rows: Sequence[Row], task: str) -> None:
        self._by = {
            (row.variant, row.seed, row.measure): row.value
            for row in rows
            if row.task == task
        }

    def values(self, variant: str, measure: str) -> list[float]:
        """One number a seed."""
        return [
            value
            for (one, _, name), value in self._by.items()
            if (one, name) == (variant, measure)
        ]

    def differences(self, first: str, second: str, measure: str) -> list[float]:
        """One variant minus another, of the same seed."""
        return [
            value - self._by[second, seed, measure]
            for (one, seed, name), value in self._by.items()
            if (one, name) == (first, measure) and (second, seed, measure) in self._by
        ]

    def networks(self, measure: str, minus: str | None = None) -> list[float]:
        """One number a seed: the mean over its networks, or of a difference."""
        found: dict[int, list[float]] = {}
        for (variant, seed, name), value in self._by.items():
            if name == measure:
                other = self._by[variant, seed, minus] if minus else 0.0
                if isfinite(value - other):
                    found.setdefault(seed, []).append(value - other)
        return [fmean(values) for values in found.values()]

    def count(self) -> int:
        """How many networks were looked at."""
        return sum(measure == "test_accuracy" for _, _, measure in self._by)

    def seeds(self) -> int:
        """How many seeds have all variants, each with its network."""
        done = [
            {
                seed
                for one, seed, name in self._by
                if (one, name) == (variant.name, "pick accuracy")
            }
            for variant in VARIANTS
        ]
        return len(set.intersection(*done))


def in_words(values: Sequence[float], sign: str = "", digits: int = 3) -> str:
    """Write a mean and its 95 % interval, which takes two numbers or more.

    Args:
        values: shares and the like, 0 to 1; differences where there is a sign.
        sign: ``+`` to write that, too.
        digits: after the point.
    """
    values = [value for value in values if isfinite(value)]
    if not values:
        return "-"
    found = estimate(values, possible=(-inf, inf) if sign else (0, 1))
    words = f"{found.mean:{sign}.{digits}f}".replace("-", "−")
    if found.interval is None:
        return words
    low, high = (f"{one:{sign}.{digits}f}".replace("-", "−") for one in found.interval)
    return f"{words} [{low}, {high}]"


def verdict(values: Sequence[float], least: float = 0.0) -> str:
    """Tell whether a mean is above a number, as far as its interval does."""
    interval = estimate(values).interval if values else None
    if interval is None:
        return "too few seeds"
    low, high = interval
    if low > least:
        return "agrees"
    return "does not agree" if high < least else "undecided"


def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def searches(found: Found) -> str:
    """Write the paper's Table 1, and below it what variants differ by."""
    first = [
        [name, *(in_words(found.values(name, one)) for one in SEARCH)]
        for name in (variant.name for variant in VARIANTS)
    ]
    second = [
        [
            f"{one} − {other}",
            *(in_words(found.differences(one, other, m), sign="+") for m in SEARCH),
        ]
        for one, other in DIFFERENCES
    ]
    return table(["search", *SEARCH.values()], [*first, *second])


def trust(found: Found) -> str:
    """Write how well scores tell which predictions are right."""
    names = ("softmax", "similarity", "softmax and trust score")
    lines = [
        [
            name,
            *(in_words(found.networks(f"trust.{name}.{one}")) for one in TRUST),
        ]
        for name in names
    ]
    lines += [
        [
            f"{name} − softmax",
            *(
                in_words(
                    found.networks(f"trust.{name}.{one}", f"trust.softmax.{one}"),
                    sign="+",
                )
                for one in TRUST
            ),
        ]
        for name in names[1:]
    ]
    return table(["score", *TRUST.values()], lines)


def labels(found: Found) -> str:
    """Write how well wrong labels are found."""
    lines = []
    for name, words in (("before", "brief training"), ("after", "long training")):
        of = f"labels.{name}"
        lines.append(
            [
                words,
                in_words(found.networks(f"{of}.memorised"), digits=2),
                in_words(found.networks(f"{of}.loss")),
                in_words(found.networks(f"{of}.margin")),
                in_words(found.networks(f"{of}.margin", f"{of}.loss"), sign="+"),
            ]
        )
    lines.append(
        ["raw pixels", "-", "-", in_words(found.networks("labels.pixels")), "-"]
    )
    return table(["", "repeats", "loss", "margin", "margin − loss"], lines)


def pairs(found: Found) -> str:
    """Write how well confused pairs of classes are told beforehand."""
    names = {"nearness": "nearness of class means", "softmax": "mean outputs"}
    lines = [
        [
            words,
            in_words(found.networks(f"pairs.{name}.spearman"), sign="+"),
            in_words(found.networks(f"pairs.{name}.auroc")),
        ]
        for name, words in names.items()
    ]
    return table(["", "Spearman with errors", "AUROC of any error"], lines)


STATEMENTS = (
    Statement(
        "searching for both “leads to more disentangled architectures” …",
        "introspectability of the chosen network, multi − single: the knee against the "
        "most accurate, so also how one chooses",
        lambda f: f.differences("multi", "single", "pick introspectability"),
    ),
    Statement(
        "… by the search, not by the choice alone",
        "hypervolume of all networks, multi − single",
        lambda f: f.differences("multi", "single", "hypervolume"),
    ),
    Statement(
        "… “that perform within tolerable error”",
        "accuracy of the chosen network, multi − single; we tolerate −0.02",
        lambda f: f.differences("multi", "single", "pick accuracy"),
        -0.02,
    ),
    Statement(
        "the regulariser makes networks introspectable",
        "median introspectability, regularised − single",
        lambda f: f.differences("regularised", "single", "introspectability median"),
    ),
    Statement(
        "it makes training slower by orders of magnitude",
        "log₁₀ of the training times of the same networks, regularised by not; an "
        "order of magnitude is 1",
        lambda f: list(map(log10, f.values("regularised", TIMES))),
        1.0,
    ),
    Statement(
        "similarity to the predicted class tells better than softmax which predictions "
        "are right, by correlation over bins",
        "similarity − softmax",
        lambda f: f.networks(
            "trust.similarity.correlation", "trust.softmax.correlation"
        ),
    ),
    Statement(
        "the same by AUROC, which the paper does not state",
        "similarity − softmax",
        lambda f: f.networks("trust.similarity.auroc", "trust.softmax.auroc"),
    ),
    Statement(
        "classes that lie near each other are confused",
        "Spearman's correlation of nearness and errors",
        lambda f: f.networks("pairs.nearness.spearman"),
    ),
)


def statements(by_task: dict[str, Found]) -> str:
    """Write what the paper says beside what was found."""
    lines = []
    for one in STATEMENTS:
        cells = []
        for found in by_task.values():
            values = list(filter(isfinite, one.values(found)))
            words = in_words(values, sign="+")
            cells.append(f"{words}: {verdict(values, one.least)}")
        lines.append([one.words, one.measured, *cells])
    heads = ["the paper", "measured", *(TITLES[task] for task in by_task)]
    return table(heads, lines)


SECTIONS = (
    (
        "Searches",
        "Of all networks of a search; hypervolume above accuracy 0.1 and "
        "introspectability 0.",
        searches,
    ),
    (
        "Trust in predictions",
        "Which test predictions are right. The paper's measure correlates the middles "
        "of 50 bins of equal width, from 0 to 1, with the accuracy of what falls into "
        "them; a bin of one example counts as much as one of hundreds. AUROC counts "
        "examples. *Similarity* is the paper's score: the cosine of the activations of "
        "all layers put together to their mean over the predicted class; *trust score* "
        "is that of [explain](explaining.md).",
        trust,
    ),
    (
        "Wrong labels",
        "Average precision of finding the fifth of the training labels that was "
        "changed, by loss and by [margin](explaining.md), after a training as brief as "
        "in the search and after one that repeats them. Where the margin on raw pixels "
        "finds as many, the task says nothing about networks.",
        labels,
    ),
    (
        "Pairs of classes",
        "Errors of a pair, in both directions, on test examples, beside how near the "
        "class means over training examples are, by label; and beside the mean output "
        "for the other class where one is predicted, which needs no labels.",
        pairs,
    ),
)


def tables(rows: Sequence[Row], planned: int) -> str:
    """Write all tables.

    Args:
        rows: what was found.
        planned: seeds that there are to be.
    """
    by_task = {
        task: Found(rows, task)
        for task in TITLES
        if any(row.task == task for row in rows)
    }
    done = ", ".join(f"{TITLES[t]} {f.seeds()}" for t, f in by_task.items())
    networks = ", ".join(f"{f.count()} of {TITLES[t]}" for t, f in by_task.items())
    parts = [
        f"Seeds finished, of {planned}: {done}; networks looked at: {networks}.",
        f"## What the paper says, and what was found\n\n{statements(by_task)}",
    ]
    for title, words, write in SECTIONS:
        parts.append(f"## {title}\n\n{words}")
        parts += [f"{TITLES[task]}:\n\n{write(f)}" for task, f in by_task.items()]
    return "\n\n".join(parts)


def refreshed(page: str, rows: Sequence[Row], planned: int) -> str:
    """Put the tables into the page, between its two marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN.strip()!r} or {END!r}")
    return f"{before}{begin}\n{tables(rows, planned)}\n\n{end}{after}"
