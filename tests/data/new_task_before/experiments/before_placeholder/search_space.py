"""NAS-Bench-201 cells for pictures."""

import sys

from xnas.search_space_common import (
    KSearchSpace,
    SpaceError,
    nas_bench_201_search_space,
    summarize,
)


def create_search_space(
    input_shape: tuple[int, ...] | list[tuple[int, ...]] = (6, 6, 1),
    output_shape: tuple[int, ...] = (2,),
    regression: bool = False,
    n_nodes: int = 4,
    stack_size: int = 1,  # cells a stage; 5 in the paper
    filter_scale_factor: float = 1,
) -> KSearchSpace:
    """Make the search space of this task."""
    if isinstance(input_shape, list):  # one tuple for each input of the network
        if len(input_shape) != 1:
            raise SpaceError(f"{len(input_shape)} inputs found, expected one picture")
        (input_shape,) = input_shape
    return nas_bench_201_search_space(
        input_shape, output_shape, regression, n_nodes, stack_size, filter_scale_factor
    )


if __name__ == "__main__":
    sys.exit(summarize(create_search_space))
