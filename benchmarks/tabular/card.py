"""The data card: what the table holds, worked out from it."""

from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr

from benchmarks.tabular.noise import (
    Noise,
    drawn_cells,
    near_cells,
    noise_bands,
    noise_of,
)
from benchmarks.tabular.words import COLUMN_TEXTS, HOW_IT_IS_MADE, TRUTH, USE
from xnas.nas_deephyper.cell_table import ROWS, CellMeans, CellTable, means_of
from xnas.nas_deephyper.noise import NoisyCells
from xnas.pareto import hypervolume, is_pareto_efficient
from xnas.records import Genotype

REFERENCE = (0.1, 0.0)
"""Chance level of ten classes, and classes that no layer tells apart."""

MEASURES = (
    "accuracy",
    "introspectability",
    "n_parameters",
    "training_time",
    "xai_time",
)

Means = dict[Genotype, CellMeans]


def card(table: CellTable, n_bytes: int, noisy: NoisyCells | None = None) -> str:
    """Write the data card, as Markdown.

    Args:
        table: the finished table.
        n_bytes: size of its compressed file.
        noisy: what its cells are worth, where that was made.
    """
    means: Means = {}
    for cell, rows in sorted(table.rows_by_cell.items()):
        found = means_of(rows)
        if found is not None:
            means[cell] = found
    parts = [
        f"# The tabular benchmark: cells of NAS-Bench-201 on {_task_name(table)}",
        _counts(table, n_bytes),
        USE,
        HOW_IT_IS_MADE.format(**table.settings),
        _settings(table),
        "## Columns\n\n" + _grid(("column", "meaning"), COLUMN_TEXTS),
        _ranges(means),
        _correlations(means),
        _noise(table),
        *([] if noisy is None else [_truth(table, noisy)]),
        _front(means),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _task_name(table: CellTable) -> str:
    return f"`{table.settings['problem'].split('.')[-3]}`"


def _counts(table: CellTable, n_bytes: int) -> str:
    failed = sum(bool(row.failure) for row in table.rows)
    without = sum(row.introspectability == -np.inf for row in table.rows)
    hours = sum(r.training_time + r.xai_time for r in table.rows if not r.failure)
    return (
        f"{len(table.rows_by_cell):,} cells, {len(table.rows):,} trainings (rows) in "
        f"{hours / 3600:.1f} worker-hours, of which {failed:,} failed and "
        f"{without:,} predicted fewer than two classes (introspectability −inf). "
        f"`{ROWS}` has {n_bytes:,} bytes. This page is written by "
        "`python -m benchmarks.tabular.finish`."
    )


def _settings(table: CellTable) -> str:
    settings = table.settings
    entries = {
        "task": settings["problem"],
        "trainer": settings["trainer"],
        **{f"scoring, {key}": value for key, value in settings["scoring"].items()},
        "run seeds": ", ".join(map(str, settings["run_seeds"])),
        **settings["task"]["hyperparameters"],
        **{
            name: settings["task"][name]
            for name in ("search_space", "loss", "objective", "augment")
        },
        **settings["versions"],
    }
    rows = [(name, f"`{value}`") for name, value in entries.items()]
    return "## Settings and versions\n\n" + _grid(("setting", "value"), rows)


def _ranges(means: Means) -> str:
    rows = []
    for name in MEASURES:
        values = _values(means, name)
        finite = values[np.isfinite(values)]
        quantiles = np.quantile(finite, [0, 0.05, 0.5, 0.95, 1])
        rows.append((f"`{name}`", *(f"{value:,.4g}" for value in quantiles)))
    head = ("mean over seeds", "lowest", "5 %", "median", "95 %", "highest")
    return "## Ranges\n\nOver cells, −inf left out.\n\n" + _grid(head, rows)


def _correlations(means: Means) -> str:
    rows = []
    for i, first in enumerate(MEASURES[:-1]):
        for second in MEASURES[i + 1 : -1]:
            x, y = _values(means, first), _values(means, second)
            both = np.isfinite(x) & np.isfinite(y)
            x, y = x[both], y[both]
            rows.append(
                (
                    f"`{first}`, `{second}`",
                    f"{spearmanr(x, y).statistic:+.3f}",
                    f"{pearsonr(x, y).statistic:+.3f}",
                )
            )
    head = ("of cells' means", "Spearman's", "Pearson's")
    return "## Correlations\n\n" + _grid(head, rows)


def _noise(table: CellTable) -> str:
    drawn = noise_of(table, drawn_cells(table))
    near = noise_of(table, near_cells(table))
    bands = noise_bands(table)
    rows = [("cells drawn blindly", *_deviations(drawn))]
    rows += [
        (f"of these, accuracy from {band.low:.4f}", *_deviations(band.noise))
        for band in bands
    ]
    rows.append(("others, near the front", *_deviations(near)))
    return (
        "## Noise between seeds\n\n"
        "Standard deviation over the seeds of a cell, pooled over cells: "
        "√(sum of squared deviations from the cell's mean / degrees of freedom). The "
        "bands are quarters of all cells by mean accuracy. A mean over n seeds has "
        "1/√n of it. The correlation is that of both deviations of a training.\n\n"
    ) + _grid(("cells", "number", *MEASURES[:2], "correlation"), rows)


def _deviations(noise: Noise) -> tuple[str, ...]:
    def write(value: float, digits: int) -> str:
        return f"{value:.{digits}f}" if isfinite(value) else "unknown"

    deviations = (write(v, 4) for v in (noise.accuracy, noise.introspectability))
    return f"{noise.n_cells}", *deviations, write(noise.correlation, 2)


def _truth(table: CellTable, noisy: NoisyCells) -> str:
    squares: list[NDArray[np.float64]] = []
    expected: list[NDArray[np.float64]] = []
    drawn = [cell for cell in drawn_cells(table) if cell in noisy.truth]
    for cell in drawn:
        rows = table.rows_by_cell[cell]
        values = np.array([(row.accuracy, row.introspectability) for row in rows])
        if np.isfinite(values).all():
            squares.append((values.mean(axis=0) - noisy.truth[cell]) ** 2)
            band = noisy.band(cell)
            sd = np.array([band.accuracy, band.introspectability])
            expected.append(sd**2 / len(rows))
    found, noise = np.sqrt(np.mean([squares, expected], axis=1))
    rows_ = [
        (f"`{name}`", f"{a:.4f}", f"{b:.4f}")
        for name, a, b in zip(MEASURES, found, noise, strict=False)
    ]
    head = ("", "difference", "that noise alone would make")
    return TRUTH + _grid(head, rows_)


def _front(means: Means) -> str:
    cells = list(means)
    points = np.array([(m.accuracy, m.introspectability) for m in means.values()])
    on_front = [cells[i] for i in np.flatnonzero(is_pareto_efficient(points))]
    on_front.sort(key=lambda cell: (-means[cell].accuracy, cell))
    rows = [
        (
            f"`{list(cell)}`",
            f"{means[cell].accuracy:.4f}",
            f"{means[cell].introspectability:.4f}",
            f"{means[cell].n_parameters:,}",
            str(means[cell].n_seeds),
        )
        for cell in on_front
    ]
    volume = hypervolume(points, REFERENCE)
    head = ("cell", "accuracy", "introspectability", "parameters", "seeds")
    return (
        "## The front\n\n"
        f"Of the means, which a search sees. Hypervolume above {REFERENCE}: "
        f"{volume:.6f}, the most that any search on this table can reach.\n\n"
    ) + _grid(head, rows)


def _values(means: Means, name: str) -> NDArray[np.float64]:
    return np.array([getattr(one, name) for one in means.values()], dtype=float)


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
