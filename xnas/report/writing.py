"""A report on the disk: the page, and beside it tables and figures."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from xnas.errors import UsageError
from xnas.report.comparison import Comparison, compare
from xnas.report.data import RunReport, describe_run
from xnas.report.drawn import comparison_figures, run_figures
from xnas.report.page import make_page
from xnas.report.tables import (
    comparison_table,
    equal_table,
    file_prefix,
    run_tables,
)
from xnas.results import Run
from xnas.results.folder import replace_file

EXPLAINED = "explain.html"
"""The page that ``explain`` writes on a network."""


def write_report(runs: Sequence[Run], page: Path) -> Path:
    """Write the report of one run or several.

    Args:
        runs: what it is about.
        page: the HTML file; its folder must exist. Tables and figures go to the folder
            ``<name>_files`` beside it.

    Returns:
        The page.

    Raises:
        UsageError: it cannot be written.
    """
    beside = page.with_name(f"{page.stem}_files")
    reports = [
        replace(describe_run(run), explained=explained_pages(run, page)) for run in runs
    ]
    comparison = (
        compare(reports, [run.infos for run in runs]) if len(runs) > 1 else None
    )
    content = make_page(reports, comparison, beside.name)
    files = chain(tables(reports, comparison), figures(reports, comparison))
    try:
        _write_beside(beside, files)
        replace_file(page, content)
    except OSError as error:
        raise UsageError(
            f"the report cannot be written to {page}: {error.strerror or error}"
        ) from error
    return page


def explained_pages(run: Run, page: Path) -> dict[int, str]:
    """Find the pages that ``explain`` has written on networks of a run.

    Args:
        run: any.
        page: that leads to them.

    Returns:
        By id of the network: its page's address, seen from there.
    """
    folder, start = run.folder.root.resolve(), page.parent.resolve()
    network_of = {str(id_): of for id_, of in run.network_ids.items()}
    found = {}
    for target in sorted(folder.glob(f"explained/*/{EXPLAINED}")):
        if target.parent.name in network_of:
            address = Path(os.path.relpath(target, start)).as_posix()
            found[network_of[target.parent.name]] = quote(os.fsencode(address))
    return found


def tables(
    reports: Sequence[RunReport], comparison: Comparison | None
) -> Iterator[tuple[str, bytes]]:
    """Write the tables beside a page.

    Args:
        reports: of one run or several.
        comparison: of several.

    Yields:
        Name and content of each file.
    """
    for i, report in enumerate(reports):
        prefix = file_prefix(i, len(reports))
        for name, text in run_tables(report):
            yield f"{prefix}{name}.csv", text.encode(errors="replace")
    if comparison is not None:
        yield "comparison.csv", comparison_table(comparison).encode(errors="replace")
        if comparison.equal is not None:
            equal = equal_table(comparison, comparison.equal)
            yield "comparison-equal.csv", equal.encode(errors="replace")


def figures(
    reports: Sequence[RunReport], comparison: Comparison | None
) -> Iterator[tuple[str, bytes]]:
    """Draw the figures beside a page, as :func:`tables`.

    Args:
        reports: of one run or several.
        comparison: of several.

    Yields:
        Name and content of each file.
    """
    for i, report in enumerate(reports):
        prefix = file_prefix(i, len(reports))
        for name, image in run_figures(report):
            yield f"{prefix}{name}.svg", image
    if comparison is not None:
        for name, image in comparison_figures(comparison):
            yield f"{name}.svg", image


def _write_beside(folder: Path, files: Iterator[tuple[str, bytes]]) -> None:
    """Write files, and take away those of an earlier report that are no more."""
    folder.mkdir(exist_ok=True)
    written = set()
    for name, content in files:
        replace_file(folder / name, content, durable=False)
        written.add(name)
    for path in folder.iterdir():
        if path.suffix in (".csv", ".svg") and path.name not in written:
            path.unlink() if path.is_file() else shutil.rmtree(path)
