"""XNAS: searches for neural networks that are accurate and explainable."""

from xnas import old_names

__version__ = "0.1.0"

old_names.install()
