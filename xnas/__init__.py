"""XNAS: searches for neural networks that are accurate and explainable."""

__version__ = "0.1.0"
