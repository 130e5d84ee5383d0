"""The task ``before_values``, written by new-task."""
