"""What decides a training, and whether it is still the same one."""

import pytest

from xnas.errors import UsageError
from xnas.final_training.settings import (
    Settings,
    folder_name,
    refuse_differences,
    replicate_seed,
)
from xnas.nas_deephyper.nas_run import evaluation_seed

SETTINGS = Settings(
    run="/runs/1", evaluation=7, arch_seq=(1, 2), epochs=5, batch_size=8,
    filter_scale_factor=None, replicates=2, seed=3, num_cpus=1,
    task={"loss": "mse", "hyperparameters": {"learning_rate": 0.1}},
)  # fmt: skip


def test_every_replicate_has_a_seed_of_its_own_and_none_has_the_searchs():
    genotypes = [(0,), (0, 0), (1, 2, 3)]
    seeds = [
        replicate_seed(seed, genotype, replicate)
        for seed in (0, 1)
        for genotype in genotypes
        for replicate in range(1, 6)
    ]
    searched = [evaluation_seed(seed, g) for seed in (0, 1) for g in genotypes]
    assert len({*seeds, *searched}) == len(seeds) + len(searched)
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seeds[0] == replicate_seed(0, (0,), 1)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "37"),
        ({"epochs": 100}, "37-epochs-100"),
        ({"seed": 0, "replicates": 5}, "37-replicates-5-seed-0"),
        ({"num_cpus": 2, "batch_size": None}, "37"),
        ({"filter_scale_factor": 1.5}, "37-filter-scale-factor-1.5"),
    ],
)
def test_output_folders_are_named_after_what_was_given(given, name):
    assert folder_name(37, given) == name


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 6}, "--epochs is 6, but the training in there was started with 5"),
        ({"batch_size": 16}, "--batch-size is 16, .* with 8"),
        ({"filter_scale_factor": 2}, "--filter-scale-factor is 2, .* with unset"),
        ({"replicates": 3}, "--replicates is 3"),
        ({"seed": 4}, "--seed is 4"),
        ({"num_cpus": 2}, "--num-cpus is 2"),
        ({"evaluation": 8}, "--pick is 8"),
        ({"run": "/runs/2"}, 'run is "/runs/2"'),
        (
            {"task": {**SETTINGS.task, "hyperparameters": {"learning_rate": 0.2}}},
            "the task's hyperparameters.learning_rate is 0.2, .* with 0.1",
        ),
    ],
)
def test_another_setting_is_refused_by_name(changes, words):
    recorded = SETTINGS.to_json()
    refuse_differences(recorded, SETTINGS.to_json(), "there")
    with pytest.raises(UsageError, match=words):
        refuse_differences(recorded, SETTINGS.to_json() | changes, "there")
