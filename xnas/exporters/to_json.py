"""One file of JSON."""

import json
from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import Any

from xnas.exporters.content import Content
from xnas.records import for_json
from xnas.results.folder import replace_file

NEEDED = ()


def export(content: Content, output: Path) -> str:
    """Write ``run.json``, whole or not at all.

    What is unknown is ``null``, infinities are the words ``"inf"`` and ``"-inf"``.

    Args:
        content: of the run.
        output: the folder to write to.

    Returns:
        The file.
    """
    run = content.run
    whole = {
        "name": content.name,
        "state": content.summary.state.value,
        "objectives": [one.to_json() for one in run.objectives],
        "settings": content.settings,
        "marks": content.marks,
        "search": [asdict(one) for one in content.series()],
        "evaluations": [
            {**asdict(row), "history": run.history(row.id)} for row in content.rows
        ],
    }
    path = output / "run.json"
    text = json.dumps(for_json(whole, _cleaned), indent=1, allow_nan=False)
    replace_file(path, text.encode())
    return str(path)


def _cleaned(value: Any) -> Any:
    if isinstance(value, float) and value - value != 0:
        return None if isnan(value) else str(value)
    return value
