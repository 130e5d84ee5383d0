"""What all tests of the whole space's graph share."""

import gc

import pytest


@pytest.fixture(scope="session", autouse=True)
def _quick_collector():
    """Keep Python's collector from searching all of TensorFlow for every network."""
    import keras  # noqa: F401

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
