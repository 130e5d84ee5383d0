"""The task ``before_points``, written by new-task."""
