"""Label distances through WordNet, in the figures of 2021 and in nltk's own."""

import gzip
import hashlib
import io
import json
import shutil
import sys
from functools import cache
from pathlib import Path

import networkx as nx
import nltk.data
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from xnas.errors import UsageError
from xnas.xai.wordnet import CLOSURE_FILE, TABLE_FILE, label_names, similarity
from xnas_wordnet import (
    Closure,
    WordNetMissingError,
    __main__,
    graph_hash,
    label_distances,
    load_closure,
    read_closure,
    source,
)
from xnas_wordnet.closure import decode_closure, encode_closure
from xnas_wordnet.csv_text import csv_text
from xnas_wordnet.distances import graph_distances, path_distances
from xnas_wordnet.drawing import draw

FIGURES = json.loads((Path(__file__).parents[1] / "data" / "wordnet.json").read_text())
SIZES = [15, 120, 1000]
SHIPPED = load_closure()
UPPER = np.triu_indices(1000, k=1)


def first(n_labels):
    return SHIPPED.restrict(SHIPPED.labels[:n_labels])


def graph_of(closure):
    graph = nx.Graph()
    for synset, parents in enumerate(closure.parents):
        graph.add_edges_from((parent, synset) for parent in parents)
    return graph


@cache
def distances_of_120():
    return label_distances(first(120))


def git_blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@pytest.fixture(scope="module")
def reader():
    try:
        with source.open_wordnet() as opened:
            yield opened
    except WordNetMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def from_wordnet(reader):
    return read_closure([SHIPPED.wnids[label] for label in SHIPPED.labels])


@pytest.fixture(scope="module")
def all_distances():
    return label_distances(SHIPPED)


@pytest.fixture
def no_wordnet(monkeypatch):
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(source, "FOLDERS", ())


@pytest.fixture
def debian_folder():
    folder = Path("/usr/share/wordnet")
    if not folder.exists():
        pytest.skip("Debian's wordnet-base is not installed")
    return folder


# The shipped closure


@pytest.mark.parametrize("n_labels", SIZES)
def test_the_graph_has_the_nodes_edges_and_hash_of_2021(n_labels):
    closure = first(n_labels)
    assert FIGURES["graph"][str(n_labels)] == {
        "nodes": len(closure.names),
        "edges": closure.n_edges,
        "hash": graph_hash(closure),
    }


def test_the_labels_are_those_of_imagenet_resized():
    wnids = [SHIPPED.wnids[label] for label in SHIPPED.labels]
    assert wnids == __main__.imagenet_labels()


def test_a_closure_survives_writing():
    assert decode_closure(encode_closure(SHIPPED)) == SHIPPED
    assert encode_closure(SHIPPED) == encode_closure(SHIPPED)


def test_every_synset_comes_after_its_hypernyms():
    place = {synset: at for at, synset in enumerate(SHIPPED.top_down)}
    assert sorted(place) == list(range(len(SHIPPED.names)))
    for synset, parents in enumerate(SHIPPED.parents):
        assert all(place[parent] < place[synset] for parent in parents)


@pytest.mark.parametrize("field", ["names", "roots"])
def test_what_is_no_closure_is_refused(field):
    names = ("b", "a") if field == "names" else ("a", "b")
    with pytest.raises(ValueError, match=r"alphabetical|without hypernyms"):
        Closure(names=names, offsets=(1, 2), parents=((), ()), labels=(0,))


def test_the_licence_lies_beside_the_data():
    text = (CLOSURE_FILE.parent / "LICENSE-WordNet").read_text()
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in text
    assert b"LICENSE-WordNet" in gzip.decompress(CLOSURE_FILE.read_bytes())


# Distances


@pytest.mark.parametrize("pair", FIGURES["pairs"], ids=lambda p: f"{p[0]}-{p[1]}")
def test_a_pair_has_the_figures_of_2021(all_distances, pair):
    i, j, steps, path, lch, wup = pair
    assert all_distances.graph[i, j] == steps
    assert all_distances.path[i, j] == path
    assert all_distances.lch[i, j] == lch
    assert all_distances.wup[i, j] == wup


def test_sums_over_all_pairs_are_those_of_2021(all_distances):
    sums = FIGURES["sums_1000"]
    assert all_distances.graph[UPPER].sum() == sums["nx_distance"]
    for name in ("path", "lch", "wup"):
        total = getattr(all_distances, name)[UPPER].sum()
        assert total == pytest.approx(sums[f"{name}_sim"], abs=1e-5)


def test_some_ways_through_the_graph_are_shorter_than_any_over_a_common_hypernym(
    all_distances,
):
    over = path_distances(SHIPPED)
    assert (all_distances.graph <= over).all()
    shorter = np.count_nonzero((all_distances.graph < over)[UPPER])
    assert shorter == FIGURES["pairs_with_a_shorter_way_down_and_up"]


def test_ways_through_the_graph_are_those_of_networkx():
    closure = first(120)
    steps = dict(nx.all_pairs_shortest_path_length(graph_of(closure)))
    assert_array_equal(
        graph_distances(closure),
        [[steps[i][j] for j in closure.labels] for i in closure.labels],
    )


def test_similarities_are_those_of_nltk(reader, all_distances):
    rng = np.random.default_rng(0)
    synsets = [reader.synset(SHIPPED.names[label]) for label in SHIPPED.labels]
    for i, j in rng.integers(0, 1000, (300, 2)):
        one, other = synsets[i], synsets[j]
        assert all_distances.path[i, j] == one.path_similarity(other)
        assert all_distances.lch[i, j] == one.lch_similarity(other)
        assert all_distances.wup[i, j] == one.wup_similarity(other)


def test_similarities_to_hypernyms_are_those_of_nltk(reader):
    some = first(15)
    closure = some.restrict(range(len(some.names)))
    distances = label_distances(closure)
    synsets = [reader.synset(name) for name in closure.names]
    for i, one in enumerate(synsets):
        for j, other in enumerate(synsets):
            assert distances.path[i, j] == one.path_similarity(other)
            assert distances.wup[i, j] == one.wup_similarity(other)


@given(st.lists(st.integers(0, 119), min_size=1, max_size=10, unique=True))
def test_a_choice_of_labels_keeps_similarities_and_may_lengthen_ways(chosen):
    everything = distances_of_120()
    few = label_distances(SHIPPED.restrict(SHIPPED.labels[i] for i in chosen))
    block = np.ix_(chosen, chosen)
    assert_array_equal(few.path, everything.path[block])
    assert_array_equal(few.lch, everything.lch[block])
    assert_array_equal(few.wup, everything.wup[block])
    assert (few.graph >= everything.graph[block]).all()


@given(st.permutations(range(15)))
def test_the_order_of_labels_leaves_the_graph_alone(order):
    closure = SHIPPED.restrict(SHIPPED.labels[i] for i in order)
    assert graph_hash(closure) == FIGURES["graph"]["15"]["hash"]
    assert_array_equal(
        graph_distances(closure), graph_distances(first(15))[np.ix_(order, order)]
    )


# The table at run time


def test_similarity_is_that_of_the_closure(all_distances):
    assert_array_equal(similarity(), all_distances.path)


def test_labels_are_named_as_in_the_closure():
    names = [SHIPPED.names[label] for label in SHIPPED.labels]
    assert label_names(1000) == names


# The CSV table of 2021


def check_csv(content, figures):
    assert len(content) == figures["bytes"]
    assert content.count(b"\n") == figures["rows"] + 1
    assert content.startswith(FIGURES["columns"].encode() + b"\n")


def test_the_csv_of_120_labels_is_that_of_2021():
    content = csv_text(first(120)).encode()
    check_csv(content, FIGURES["csv"]["120"])
    assert hashlib.md5(content).hexdigest() == FIGURES["csv"]["120"]["md5"]


def test_the_csv_of_all_labels_is_that_of_2021():
    content = csv_text(SHIPPED).encode()
    check_csv(content, FIGURES["csv"]["1000"])
    assert git_blob(content) == FIGURES["csv"]["1000"]["git_blob"]


# WordNet itself


def test_wordnet_has_the_shipped_closure(from_wordnet):
    assert from_wordnet == SHIPPED


def test_the_csv_made_from_wordnet_is_that_of_2021(from_wordnet):
    content = csv_text(from_wordnet).encode()
    assert git_blob(content) == FIGURES["csv"]["1000"]["git_blob"]


def test_the_shipped_files_are_those_made_from_wordnet(reader):
    files = __main__.shipped_files()
    assert set(files) == {CLOSURE_FILE, TABLE_FILE}
    # Compressed bytes may differ between versions of zlib, contents may not.
    assert gzip.decompress(files[CLOSURE_FILE]) == gzip.decompress(
        CLOSURE_FILE.read_bytes()
    )
    with np.load(TABLE_FILE) as old, np.load(io.BytesIO(files[TABLE_FILE])) as new:
        assert old.files == new.files == ["path_distance"]
        assert old["path_distance"].dtype == np.uint8
        assert_array_equal(old["path_distance"], new["path_distance"])


def test_the_shipped_files_are_small():
    assert CLOSURE_FILE.stat().st_size < 30_000
    assert TABLE_FILE.stat().st_size < 40_000


def test_ids_and_names_find_the_same_synset(reader):
    one = read_closure(["n02084071", "einstein.n.01"])
    assert one == read_closure(["dog.n.01", "n10954498"])
    assert [one.names[label] for label in one.labels] == ["dog.n.01", "einstein.n.01"]


@pytest.mark.parametrize(
    "label",
    ["n00000001", "n99999999", "dog.n.99", "dog.n.00", "run.v.01", "xyz.n.01", "dog"],
)
def test_what_is_no_noun_of_wordnet_is_refused(reader, label):
    with pytest.raises(UsageError, match=f"'{label}' found, expected a noun"):
        read_closure(["dog.n.01", label])


@pytest.mark.parametrize("zipped", [False, True])
def test_wordnet_is_found_in_a_data_folder_of_nltk(
    no_wordnet, debian_folder, tmp_path, monkeypatch, zipped
):
    corpora = tmp_path / "corpora"
    shutil.copytree(
        debian_folder, corpora / "wordnet", ignore=shutil.ignore_patterns("*.sense")
    )
    if zipped:
        shutil.make_archive(str(corpora / "wordnet"), "zip", corpora, "wordnet")
        shutil.rmtree(corpora / "wordnet")
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    labels = [SHIPPED.wnids[label] for label in SHIPPED.labels[:15]]
    assert read_closure(labels) == first(15)
    assert nltk.data.path == [str(tmp_path)]


def test_missing_data_is_told_with_the_words_that_install_it(no_wordnet):
    with pytest.raises(WordNetMissingError, match=r"install it with: apt-get install"):
        read_closure(["dog.n.01"])


def test_missing_nltk_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "nltk.data", None)
    with pytest.raises(WordNetMissingError, match="package nltk is not installed"):
        read_closure(["dog.n.01"])


def test_incomplete_data_is_told(no_wordnet, tmp_path, monkeypatch):
    (tmp_path / "data.noun").write_text("")
    monkeypatch.setattr(source, "FOLDERS", (tmp_path,))
    with pytest.raises(WordNetMissingError, match="cannot be read"):
        read_closure(["dog.n.01"])


def test_another_version_is_told(
    no_wordnet, debian_folder, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "corpora" / "wordnet"
    shutil.copytree(debian_folder, folder)
    text = (folder / "data.adj").read_bytes()
    (folder / "data.adj").write_bytes(text.replace(b"WordNet 3.0 C", b"WordNet 3.1 C"))
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    with pytest.raises(WordNetMissingError, match=r"WordNet 3\.1 found in .*3\.0"):
        read_closure(["dog.n.01"])
    assert __main__.main() == 2
    assert "WordNet 3.1 found" in capsys.readouterr().err


# Pictures


@pytest.mark.parametrize(
    ("file_format", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_a_picture_has_the_format_asked_for(file_format, start):
    assert draw(first(15), file_format).startswith(start)


def test_a_picture_of_all_labels_is_drawn():
    assert draw(SHIPPED, "svg").startswith(b"<?xml")
