"""WordNet itself, read through nltk where its data is installed."""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xnas.errors import UsageError
from xnas_wordnet.closure import Closure, make_closure

VERSION = "3.0"

FOLDERS = (Path("/usr/share/wordnet"),)
"""Where systems keep WordNet outside nltk's own folders: Debian's wordnet-base."""

INSTALL = (
    "install it with: apt-get install wordnet-base, or: python -m nltk.downloader "
    "wordnet"
)

EXPECTED_LABEL = (
    "expected a noun's WordNet id such as n02084071 or synset name such as dog.n.01"
)

_NLTK_LOCATIONS = ("corpora/wordnet", "corpora/wordnet.zip/wordnet/")
_N_LEXICOGRAPHER_FILES = 45


class WordNetMissingError(UsageError):
    """WordNet 3.0 is not installed where it is looked for."""


def read_closure(labels: Sequence[str]) -> Closure:
    """Read labels and everything above them from WordNet.

    Args:
        labels: WordNet ids or synset names of nouns.

    Returns:
        The closure, labels in the given order.

    Raises:
        WordNetMissingError: WordNet 3.0 is not installed.
        UsageError: WordNet has no such noun.
    """
    with open_wordnet() as reader:
        found = [_find(reader, label) for label in labels]
        rows = {}
        waiting = list(found)
        while waiting:
            synset = waiting.pop()
            hypernyms = synset.hypernyms() + synset.instance_hypernyms()
            names = [hypernym.name() for hypernym in hypernyms]
            rows[synset.name()] = (synset.name(), synset.offset(), names)
            waiting.extend(up for up in hypernyms if up.name() not in rows)
        return make_closure(rows.values(), [synset.name() for synset in found])


@contextmanager
def open_wordnet() -> Iterator[Any]:
    """Open WordNet for as long as the context lasts.

    Yields:
        nltk's ``WordNetCorpusReader``.

    Raises:
        WordNetMissingError: WordNet 3.0 is not installed.
    """
    try:
        import nltk.data
    except ImportError as error:
        raise WordNetMissingError(
            "the Python package nltk is not installed, expected it to read WordNet"
        ) from error
    permitted = list(nltk.data.path)
    root = _find_root()
    try:
        # nltk reads files below the folders of this list only.
        nltk.data.path.append(str(root))
        with _open_reader(root) as reader:
            version = reader.get_version()
            if version != VERSION:
                raise WordNetMissingError(
                    f"WordNet {version} found in {root}, expected {VERSION}"
                )
            yield reader
    finally:
        nltk.data.path[:] = permitted


def _find_root() -> Any:
    """Find WordNet's folder, as one of nltk's path pointers."""
    import nltk.data

    for location in _NLTK_LOCATIONS:
        try:
            return nltk.data.find(location)
        except LookupError:
            continue
    for folder in FOLDERS:
        if (folder / "data.noun").exists():
            return nltk.data.FileSystemPathPointer(str(folder))
    searched = ", ".join([*nltk.data.path, *map(str, FOLDERS)])
    raise WordNetMissingError(
        f"WordNet's data was not found in any of {searched}; {INSTALL}"
    )


@contextmanager
def _open_reader(root: Any) -> Iterator[Any]:
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    streams = []

    class Reader(WordNetCorpusReader):
        def open(self, file: str) -> Any:
            try:
                stream = super().open(file)
            except OSError:
                # Debian leaves this list out, and nothing here uses its names.
                if file != "lexnames":
                    raise
                numbers = range(_N_LEXICOGRAPHER_FILES)
                return io.StringIO("".join(f"{n:02}\tfile_{n}\t0\n" for n in numbers))
            streams.append(stream)
            return stream

        def map_wn(self, version: str = "wordnet") -> None:
            """Leave out what other languages need; it wants nltk's own copy."""

    try:
        with warnings.catch_warnings():
            # Other languages than English are not needed.
            warnings.filterwarnings("ignore", "The multilingual functions")
            try:
                reader = Reader(root, None)
            except OSError as error:
                raise WordNetMissingError(
                    f"WordNet's data in {root} cannot be read ({error}); {INSTALL}"
                ) from error
        yield reader
    finally:
        for stream in streams:
            stream.close()


def _find(reader: Any, label: str) -> Any:
    from nltk.corpus.reader.wordnet import WordNetError

    try:
        if re.fullmatch(r"n[0-9]{8}", label):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                synset = reader.synset_from_pos_and_offset("n", int(label[1:]))
        elif re.fullmatch(r".+\.n\.0*[1-9][0-9]*", label):
            synset = reader.synset(label)
        else:
            synset = None
    except (WordNetError, ValueError):
        synset = None
    if synset is None:
        raise UsageError(f"{label!r} found, {EXPECTED_LABEL}")
    return synset
