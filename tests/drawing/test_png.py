"""Pixels show what the drawing says, on machines without fonts too."""

import io

import numpy as np
import pytest
from drawn_spaces import cells, pair_of_pictures
from PIL import Image

from xnas.drawing import cell_svg
from xnas.drawing.png import svg_to_png

SPACES = {"cell": (cells(), [0, 1, 2, 4, 0, 1]), "graph": (pair_of_pictures(), [1, 1])}


def pixels(svg, width=320):
    with Image.open(io.BytesIO(svg_to_png(svg, width))) as image:
        return np.asarray(image.convert("RGBA")).astype(int)


@pytest.mark.parametrize("kind", SPACES)
@pytest.mark.parametrize("width", [320, 1200])
def test_a_png_has_the_width_asked_for(kind, width):
    space, arch_seq = SPACES[kind]
    drawn = pixels(cell_svg(space.describe(), arch_seq, theme="light"), width)
    assert drawn.shape[1] == width
    assert drawn.shape[0] > 100


@pytest.mark.parametrize(("theme", "ground"), [("light", 255), ("dark", 0x15)])
def test_the_ground_is_opaque_or_not_there(theme, ground):
    space = cells().describe()
    drawn = pixels(cell_svg(space, [0] * 6, theme=theme))
    assert drawn[0, 0].tolist()[::3] == [ground, 255]
    bare = pixels(cell_svg(space, [0] * 6, theme=theme, transparent=True))
    assert bare[0, 0, 3] == 0


def test_text_is_drawn():
    space = cells().describe()
    plain = cell_svg(space, [0] * 6, theme="light")
    words = cell_svg(space, [2] * 6, theme="light").count("avg_pool3x3</text>")
    assert words == 6
    without = plain.replace("conv3x3</text>", "</text>")
    assert np.any(pixels(plain) != pixels(without))
