#!/bin/bash
#SBATCH --job-name=xnas-mnist
#SBATCH --nodes=16
#SBATCH --ntasks-per-node=1
#SBATCH --time=1-00:00:00
#SBATCH --output=logs_batch/slurm-xnas-mnist-%j.out
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --no-kill
#SBATCH --signal=B:USR1@300
#SBATCH --exclusive
#SBATCH --mem=0

cd -- /home/me/xnas || exit 1

# The newest log goes by a name that stays.
ln -sfn "slurm-xnas-mnist-$SLURM_JOB_ID.out" logs_batch/slurm-xnas-mnist-latest.out

exec ./xnas-ray-job.sh \
    --run-dir results/mnist/2026-01-02T030405 \
    --stop-within 150 \
    -- nas nsga2 \
    --evaluation-timeout 60
