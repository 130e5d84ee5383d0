"""From SVG to pixels."""

from pathlib import Path


def svg_to_png(svg: str, width: int) -> bytes:
    """Render a drawing.

    Args:
        svg: of the theme ``light`` or ``dark``; colours of a page mean nothing here.
        width: in pixels.

    Returns:
        A PNG file.
    """
    import matplotlib
    import resvg_py

    # Without a font on the machine, as on servers, text would be missing.
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    named = [str(fonts / f"DejaVuSans{weight}.ttf") for weight in ("", "-Bold")]
    return resvg_py.svg_to_bytes(
        svg_string=svg, width=width, font_files=named, sans_serif_family="DejaVu Sans"
    )
