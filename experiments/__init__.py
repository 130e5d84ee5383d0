"""One folder a task: ``load_data.py``, ``search_space.py`` and ``problem.py``."""

from pkgutil import extend_path

# Tasks of other folders of this name are found, too, such as one's own.
__path__ = extend_path(__path__, __name__)
