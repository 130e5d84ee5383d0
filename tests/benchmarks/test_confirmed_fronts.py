"""What is said of fronts that were trained anew."""

import pandas as pd

from benchmarks.confirmed_fronts import summary


def test_an_interval_holds_a_mean_of_new_trainings_within_both_uncertainties():
    fronts = pd.DataFrame(
        {
            "arch_seq": [[0, 1], [1, 1]],
            "val_acc__last": [0.9, 0.9],
            "val_acc__last_sd": [0.01, 0.01],
            "introspectability": [0.4, 0.4],
            "introspectability_sd": [0.0, 0.0],
        }
    )
    trained = {
        (0, 1): [(0.9, 0.5), (0.9, 0.5), (0.9, 0.5)],
        (1, 1): [(0.93, 0.3), (0.96, 0.4), (0.99, 0.5)],
    }
    _, _, accuracy, introspectability = summary(fronts, trained).splitlines()
    # Noise is 0.021 and 0.071: half of the variances of the second network's trainings.
    assert accuracy == "| val_acc__last | 2 | 50% | -0.0300 | 0.0212 |"
    assert introspectability == "| introspectability | 2 | 50% | -0.0500 | 0.0707 |"
