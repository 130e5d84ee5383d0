"""How the documentation is built: ``make docs``."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "extensions")]

import xnas  # noqa: E402

project = "XNAS"
author = "the authors of XNAS"
release = version = xnas.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "command_help",
    "floors",
]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

apidoc_modules = [
    {
        "path": "../xnas",
        "destination": "api",
        "exclude_patterns": ["**/templates/**", "**/cli/**", "**/old_names.py"],
        "separate_modules": True,
        "max_depth": 2,
        # A name is described where it is defined, not where it is passed on.
        "automodule_options": {"members", "ignore-module-all", "show-inheritance"},
    }
]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
# Classes that share a name are told apart by their modules.
suppress_warnings = ["ref.python"]
# Types and attributes are already said in the text of a class.
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"XNAS {release}"
html_show_sourcelink = html_copy_source = False
html_static_path = ["static"]
html_css_files = ["pages.css"]
exclude_patterns = ["api/modules.rst", "extensions"]
