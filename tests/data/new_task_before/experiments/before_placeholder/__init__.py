"""The task ``before_placeholder``, written by new-task."""
