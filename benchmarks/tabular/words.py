"""The data card's text."""

USE = """
```shell
./deephyper_xnas nas nsga2 --problem experiments.digits.problem.Problem \\
    --run xnas.nas_deephyper.tabular.run --evaluator serial --max-evals 2000
```

The run function looks up which cell computes the same function as the genotype that
it is given, and returns the **means over the seeds of that cell**, the same at every
look-up. All settings but `--seed` and the search's own must be those below; others are
refused. From Python, without a search:
`xnas.nas_deephyper.tabular.run({"arch_seq": [0, 1, 2, 4, 0, 1]})`, or all rows through
`xnas.nas_deephyper.cell_table.CellTable.read(xnas.nas_deephyper.tabular.SHIPPED)`.
"""

HOW_IT_IS_MADE = """
## How it is made

```shell
python -m benchmarks.tabular.make      # trains; stop it at will and call it again
python -m benchmarks.tabular.finish    # writes the table and this page
python -m benchmarks.tabular.truth     # writes the noisy benchmark, and the page again
python -m benchmarks.tabular.verify    # trains ten cells anew, by the plain route
```

Of genotypes with the same canonical form (`KSearchSpace.canonical_form`: networks that
compute the same function for suitably permuted weights) the lexicographically first is
trained; networks without a path from input to output are left out. Training and scoring
are those of a search with these settings, one thread a worker; the seed of a training
is `evaluation_seed(run_seed, genotype)`.

1. Every cell is trained with the first run seed.
2. {n_noise_cells} cells drawn at random are trained with all run seeds: the noise is
   estimated from them, since cells near the front are there for their good luck too.
3. So are all cells within the best fronts (the cells that no other dominates, then
   those that no other of the rest dominates, and so on) that hold {n_near_front} or
   more cells. The means of these lie below the luck that brought them there, so others
   come near the front; this is repeated until there are none, {n_rounds} times at most.

The accuracy is that on the validation data, which has 360 pictures: it goes in steps of
0.0028 a training. Times are seconds of one worker, and say as much of the machine as of
the network.
"""

TRUTH = """## The noisy benchmark

A search that trains meets the noise; one on the means above does not. With
`--run xnas.nas_deephyper.tabular.noisy_run` each evaluation is a draw of its own, by
the run's seed, the genotype and the replicate, around what the cell is worth, with the
deviations and the correlation of its band above.

What cells are worth on average over seeds is not known, as most were trained once.
`python -m benchmarks.tabular.truth` smooths all rows by gradient boosted trees over
choices, operations and paths of the cell, and writes `truth.csv.gz` and `noise.json`.
It is a truth of its own to judge searches by, less rugged than that of the real cells.
Of the cells drawn blindly, the means over all seeds differ from it by this much (root
of the mean square):

"""

COLUMN_TEXTS = (
    (
        "`cell`",
        "one digit an edge: 0 = 3 × 3 convolution, 1 = 1 × 1 convolution, 2 = "
        "average pooling, 3 = nothing, 4 = skip connection",
    ),
    ("`run_seed`", "the seed of the search that would train the cell so"),
    ("`accuracy`", "on the validation data, after the last epoch"),
    (
        "`introspectability`",
        "of the validation data; −inf if fewer than two classes were predicted",
    ),
    ("`n_parameters`", "of the network, trainable or not"),
    ("`training_time`", "seconds"),
    ("`xai_time`", "seconds that scoring took"),
    ("`failure`", "why there are no numbers; empty where there are"),
)
