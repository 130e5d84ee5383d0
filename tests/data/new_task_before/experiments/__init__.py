"""One folder a task: ``load_data.py``, ``search_space.py`` and ``problem.py``."""
