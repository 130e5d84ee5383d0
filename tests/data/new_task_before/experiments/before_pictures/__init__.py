"""The task ``before_pictures``, written by new-task."""
