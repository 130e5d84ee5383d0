"""Drawings of networks, from what a run records of its search space.

Nothing here loads Keras, or the code of the task.
"""

from xnas.drawing.cell import cell_svg
from xnas.drawing.styles import OperationStyle, Theme, operation_styles

__all__ = ["OperationStyle", "Theme", "cell_svg", "operation_styles"]
