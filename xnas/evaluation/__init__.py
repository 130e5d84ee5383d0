"""One network: how it is trained, scored and turned into objectives."""
