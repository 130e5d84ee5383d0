#!/bin/bash
#SBATCH --job-name=xnas-imagenet
#SBATCH --nodes=16
#SBATCH --ntasks-per-node=1
#SBATCH --time=1-00:00:00
#SBATCH --output=logs_batch/slurm-xnas-imagenet-%j.out
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --no-kill
#SBATCH --signal=B:USR1@300
#SBATCH --exclusive
#SBATCH --mem=0

cd -- /home/me/xnas || exit 1

# The newest log goes by a name that stays.
ln -sfn "slurm-xnas-imagenet-$SLURM_JOB_ID.out" logs_batch/slurm-xnas-imagenet-latest.out

exec ./xnas-ray-job.sh \
    --run-dir results/imagenet/YYYY-MM-DDTHHMMSS \
    --stop-within 150 \
    -- nas regevo_xnas \
    --problem experiments.imagenet.problem.Problem \
    --run xnas.nas_deephyper.nas_run.run \
    --multiobjective-explainability true \
    --record-mo-xai-only true \
    --sample-size 3 \
    --max-evals 9 \
    --explainability-type activations
