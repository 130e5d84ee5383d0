"""What ``xnas-ray-job.sh`` runs inside a Slurm job; nothing here loads DeepHyper."""
