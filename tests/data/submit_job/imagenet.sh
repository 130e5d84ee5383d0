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

# A folder with bin/activate, or a conda environment.
if [ -f xnas/bin/activate ]; then
    # shellcheck disable=SC1091
    source xnas/bin/activate
elif command -v "${CONDA_EXE:-conda}" >/dev/null; then
    eval "$("${CONDA_EXE:-conda}" shell.bash hook)"
    conda activate xnas
else
    false
fi || {
    echo "The environment" xnas "can not be activated on $(hostname): it is neither a" \
        "folder with bin/activate nor a conda environment that works here." >&2
    exit 1
}

# The newest log goes by a name that stays.
ln -sfn "slurm-xnas-imagenet-$SLURM_JOB_ID.out" logs_batch/slurm-xnas-imagenet-latest.out

exec ./xnas-ray-job.sh \
    --run-dir results/imagenet/YYYY-MM-DDTHHMMSS \
    --stop-within 150 \
    -- nas nsga2 \
    --problem experiments.imagenet.problem.Problem \
    --run xnas.nas_deephyper.nas_run.run \
    --multiobjective-explainability true \
    --record-mo-xai-only false \
    --explainability-type activations-imagenet \
    --max-evals 16000
