"""XNAS as a DeepHyper plugin: searches, evaluators and the run function."""
