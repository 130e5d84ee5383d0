#!/bin/bash
#SBATCH --job-name=xnas-digits
#SBATCH --nodes=16
#SBATCH --ntasks-per-node=1
#SBATCH --time=1-00:00:00
#SBATCH --output=logs_batch/slurm-xnas-digits-%j.out
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --no-kill
#SBATCH --signal=B:USR1@300
#SBATCH --exclusive
#SBATCH --mem=0

cd -- /home/me/xnas || exit 1

# The newest log goes by a name that stays.
ln -sfn "slurm-xnas-digits-$SLURM_JOB_ID.out" logs_batch/slurm-xnas-digits-latest.out

exec ./xnas-ray-job.sh \
    --run-dir results/digits/YYYY-MM-DDTHHMMSS \
    --stop-within 150 \
    -- nas mobo \
    --problem experiments.digits.problem.Problem \
    --run xnas.nas_deephyper.nas_run.run \
    --explainability-type activations \
    --max-evals 250 \
    --objectives val_acc__last\,introspectability\,-n_parameters \
    --set num_epochs=2 \
    --seed 3
