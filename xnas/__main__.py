"""The program: ``python -m xnas``, ``deephyper_xnas`` and the script of a clone."""

import importlib.util
import os
import sys

from xnas.names import clone_folder

NEEDED = ("deephyper", "tensorflow", "ray", "pymoo", "pandas", "filelock", "tqdm")
USED = ("keras", "numpy", "scipy", "sklearn", "PIL", "networkx", "psutil", "joblib")


def environment_fault() -> str | None:
    """Say in one sentence what this Python lacks to run XNAS, if anything."""
    clone = clone_folder()
    mend = "activate the environment with: source .venv/bin/activate"
    if clone is None:
        mend = "install XNAS with its dependencies: pip install xnas"
    elif not (clone / ".venv").exists():
        mend = "make the environment with: make venv && source .venv/bin/activate"
    if not (3, 11) <= sys.version_info < (3, 14):
        found = ".".join(map(str, sys.version_info[:2]))
        return f"this is Python {found}, expected 3.11 to 3.13; {mend}"
    if sys.flags.optimize > 1:
        return (
            "Python leaves out docstrings, of which --help consists, expected "
            "neither python -OO nor PYTHONOPTIMIZE=2"
        )
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return f"the Python package {missing[0]} is not installed here; {mend}"
    return hidden_module({sys.path[0], os.getcwd()})


def hidden_module(folders: set[str]) -> str | None:
    """Say in one sentence which file would be run in place of a library's, if any."""
    for folder in filter(os.path.isdir, sorted(folders)):
        if not os.access(folder, os.R_OK):
            continue
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            name, ending = os.path.splitext(entry.name)
            is_module = ending == ".py" or os.path.isfile(f"{entry.path}/__init__.py")
            if is_module and name in {*sys.stdlib_module_names, *NEEDED, *USED}:
                return (
                    f"{entry.path} has the name of a module that XNAS needs, and would "
                    "be run in its place; rename it"
                )
    return None


def follow_ray_token() -> None:
    """Use the token of ``ray start``, where there is one, for every Ray address.

    Ray itself looks for it only when it is to find the cluster on its own.
    """
    places = (os.environ.get("RAY_AUTH_TOKEN_PATH"), "~/.ray/auth_token")
    files = [os.path.expanduser(place) for place in places if place]
    if "RAY_AUTH_TOKEN" in os.environ or any(map(os.path.exists, files)):
        os.environ.setdefault("RAY_AUTH_MODE", "token")


def start() -> int:
    """Prepare the process, then hand over to :func:`xnas.cli.main`."""
    fault = environment_fault()
    if fault:
        print(f"deephyper_xnas: {fault}", file=sys.stderr)
        return 2
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    # Nothing is shown in windows, and a notebook's backend may be missing here.
    os.environ["MPLBACKEND"] = "agg"
    follow_ray_token()
    # One's own experiments/ folder counts even where XNAS itself is installed.
    sys.path.insert(0, os.getcwd())

    from xnas.cli import main

    return main()


def leave(status: int) -> None:
    """End the process; without its head, Ray would crash while Python ends."""
    ray_cluster = sys.modules.get("xnas.nas_deephyper.evaluator.ray_cluster")
    if ray_cluster is not None and ray_cluster.LOST_HEADS:
        sys.stderr.flush()
        os._exit(status)  # main() has flushed the output
    sys.exit(status)


def run() -> None:
    """Run the command that was typed, and end the process."""
    leave(start())


if __name__ == "__main__":
    run()
