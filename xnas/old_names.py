"""Modules under the names that earlier versions gave them.

Task folders and scripts outlive the layout of this package: what they import is found
where it has gone.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "xnas.nas_deephyper.asynchronous_nsga_ii": "xnas.nas_deephyper.nsga_ii",
    "xnas.nas_deephyper.run_settings": "xnas.evaluation.settings",
    "xnas.nas_deephyper.trainer": "xnas.evaluation.trainer",
    "xnas.nas_deephyper.xnas": "xnas.nas_deephyper.search",
    "xnas.training.arrays": "xnas.tasks.arrays",
    "xnas.training.loading": "xnas.tasks.loading",
    "xnas.training.pictures": "xnas.tasks.pictures",
    "xnas.training.prepared": "xnas.tasks.prepared",
    "xnas.xai.score": "xnas.scores",
    "xnas.xai.similarity": "xnas.scores",
}
"""Old name to new name, of what examples, templates and the README ever named."""


class _Alias(Loader):
    """Gives an old name the module of the new one."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Import the module under its new name."""
        module = importlib.import_module(MOVED[spec.name])
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module back what tells its new name: it runs no second time."""
        module.__spec__ = self._spec


class _Finder(MetaPathFinder):
    """Finds modules by their old names."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Tell what to load for a name; ``None`` for any that did not move."""
        return ModuleSpec(fullname, _Alias()) if fullname in MOVED else None


def install() -> None:
    """Have old names found from now on."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
