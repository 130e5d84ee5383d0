"""Whether the packages that an export needs are there; loads none of them."""

import importlib.util
from collections.abc import Sequence

from xnas.errors import UsageError
from xnas.names import installing

NEEDED = ("tf2onnx", "onnx", "onnxruntime")


def check_exports(formats: Sequence[str]) -> None:
    """Check that formats can be written, before anything is trained.

    Args:
        formats: ``saved-model`` and ``onnx``.

    Raises:
        UsageError: a package is missing.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if "onnx" in formats and missing:
        raise UsageError(
            f"--export is onnx, but the Python package {missing[0]} is not installed "
            f"here, expected it: {installing('onnx')}"
        )
