#!/bin/bash
#SBATCH --job-name=xnas-digits
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --time=10
#SBATCH --output=logs_batch/slurm-xnas-digits-%j.out
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --no-kill
#SBATCH --signal=B:USR1@300
#SBATCH --cpus-per-task=4

cd -- /home/me/xnas || exit 1

# The newest log goes by a name that stays.
ln -sfn "slurm-xnas-digits-$SLURM_JOB_ID.out" logs_batch/slurm-xnas-digits-latest.out

exec ./xnas-ray-job.sh \
    --run-dir results/digits/YYYY-MM-DDTHHMMSS \
    --stop-within 150 \
    --workers-per-node 2 \
    -- nas nsga2 \
    --problem experiments.digits.problem.Problem \
    --run xnas.nas_deephyper.nas_run.run \
    --multiobjective-explainability true \
    --record-mo-xai-only false \
    --explainability-type activations \
    --max-evals 64
