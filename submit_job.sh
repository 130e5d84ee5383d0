#!/bin/bash
# SPDX-License-Identifier: MIT
# Write the batch script of a search on a Slurm cluster and submit it (bash 4.2 or newer).
set -euo pipefail

# The Python environment of the job: a folder that holds bin/activate, or the name of a
# conda environment. Empty: .venv of this repository if there is one, else none.
ACTIVATE_PYTHON_ENV="${ACTIVATE_PYTHON_ENV:-}"

# How long before its time limit the job is told to stop. Half of it is left to networks
# that are still training; the other half to writing results and ending Ray.
STOP_SECONDS="${STOP_SECONDS:-300}"

USAGE="Usage: submit_job.sh [OPTION]... [-- FLAG...]

Submit a Slurm batch job that searches networks for the given task.

  -h, --help                     Print this message
  -s, --single-objective         Single-objective search (task performance only)
  -t, --task TASK                The folder of experiments/ to search for (required)
  -r, --reservation NAME         Run in this reservation, without a time limit;
                                 needs -n
  -n, --reservation-nodes N      The reservation's number of nodes; needs -r
      --nodes N                  Number of nodes (16)
      --time TIME                Time limit in a form of Slurm's, such as 90 (minutes),
                                 12:00:00, 2-00:00:00 or UNLIMITED (1-00:00:00)
      --partition NAME           Slurm's partition (the cluster's default)
      --account NAME             Whom to charge (your default account)
      --gpus-per-node [TYPE:]N   GPUs to ask for on each node (what the node gives)
      --cpus-per-task N          CPUs to ask for on each node (the whole node)
      --workers-per-node N       Networks trained at once on a node (one for each GPU,
                                 or one)
      --search NAME              nsga2 (unless given), mobo, regevo_xnas, the name of
                                 another search or PACKAGE.MODULE.CLASS
      --max-evals N              Evaluations in all (16000; when resuming: as before)
      --env NAME                 Environment to activate: a folder with bin/activate or
                                 a conda environment (ACTIVATE_PYTHON_ENV in this script)
      --resume RUN_DIR|latest    Carry on a run of the task, or its newest one
      --dry-run                  Print the job, submit nothing and make nothing

What follows -- is handed to the search as it is: flags of ./deephyper_xnas nas NAME,
such as --objectives, --set or --seed (its --help has them all). They are checked before
the job is submitted, except for what only the task knows, which
./deephyper_xnas check tells. A job that starts again has them again.

A value may also follow its option after '=', as in --nodes=4."

declare -A option=() # what was given, by the long name of the option
search_flags=()      # what followed --

# A value from outside as a word of the shell: fit for the terminal and for the job.
quoted() { printf '%q' "$1"; }

fail() {
    printf 'submit_job.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

refuse() { fail "$1; see ./submit_job.sh --help" 2; }

# ---- What was asked for ----------------------------------------------------------

find_repository() {
    local script=${BASH_SOURCE[0]}
    if [[ -L $script ]]; then script=$(readlink -f -- "$script"); fi
    [[ $script == */* ]] || script=./$script
    REPOSITORY=$(CDPATH='' cd -- "${script%/*}" && pwd)
    [[ -f $REPOSITORY/xnas-ray-job.sh ]] ||
        refuse "jobs need a clone of XNAS on a disk that all nodes share, and this is \
what pip installed: there is no xnas-ray-job.sh in $REPOSITORY"
}

long_name() {
    local word=${1%%=*}
    case $1 in
    -h) printf help ;;
    -s) printf single-objective ;;
    -t) printf task ;;
    -r) printf reservation ;;
    -n) printf reservation-nodes ;;
    --?*) printf '%s' "${word#--}" ;;
    -*) refuse "unknown option $(quoted "$1")" ;;
    *) refuse "unexpected argument $(quoted "$1")" ;;
    esac
}

parse_options() {
    local word name value
    while (($#)); do
        word=$1
        shift
        if [[ $word == -- ]]; then
            (($#)) || refuse "nothing follows --, expected flags of nas"
            search_flags=("$@")
            return
        fi
        name=$(long_name "$word")
        case $name in
        help)
            printf '%s\n' "$USAGE"
            exit 0
            ;;
        single-objective | dry-run)
            [[ $word != *=* ]] || refuse "--$name takes no value"
            value=true
            ;;
        task | reservation | reservation-nodes | nodes | time | partition | account | \
            gpus-per-node | cpus-per-task | workers-per-node | search | max-evals | env | \
            resume)
            if [[ $word == --*=* ]]; then
                value=${word#*=}
            else
                value=${1-}
                shift $(($# > 0))
            fi
            ;;
        *) refuse "unknown option $(quoted "$word")" ;;
        esac
        remember "$name" "$value"
    done
}

remember() {
    local name=$1 value=$2 LC_ALL=C
    [[ -z ${option[$name]+given} ]] || refuse "--$name was given twice"
    [[ -n $value ]] || refuse "--$name needs a value"
    [[ $value != -* ]] ||
        refuse "--$name needs a value, and $(quoted "$value") starts with '-'"
    [[ $value != *[[:cntrl:]]* ]] ||
        refuse "--$name $(quoted "$value") holds a line break or control character"
    option[$name]=$value
}

# check NAME PATTERN EXPECTED: refuse a value of --NAME that does not match.
check() {
    local value=${option[$1]-} LC_ALL=C
    [[ -z $value || $value =~ ^$2$ ]] ||
        refuse "--$1 must be $3, not $(quoted "$value")"
}

check_options() {
    local whole='[1-9][0-9]{0,8}' name
    [[ -n ${option[task]-} ]] || refuse "no task was given with --task"
    check task '[A-Za-z_][A-Za-z0-9_]*' \
        "a name of letters, digits and underscores that starts with no digit"
    for name in nodes reservation-nodes cpus-per-task workers-per-node max-evals; do
        check "$name" "$whole" "a whole number of 1 or more"
    done
    check gpus-per-node "([A-Za-z0-9._-]+:)?$whole" \
        "a whole number of 1 or more, or TYPE:NUMBER"
    for name in reservation partition account; do
        check "$name" '[A-Za-z0-9._,+:@-]+' "a name of letters, digits and ._,+:@-"
    done
    check_reservation
    check_task
}

check_reservation() {
    local name
    if [[ -z ${option[reservation]-} ]]; then
        [[ -z ${option[reservation-nodes]-} ]] ||
            refuse "--reservation-nodes needs --reservation"
        return
    fi
    [[ -n ${option[reservation-nodes]-} ]] ||
        refuse "--reservation needs --reservation-nodes"
    for name in nodes time; do
        [[ -z ${option[$name]-} ]] || refuse "--$name cannot go with --reservation, \
which has the nodes of --reservation-nodes and no time limit"
    done
}

check_task() {
    local file folder tasks=''
    [[ ! -f $REPOSITORY/experiments/${option[task]}/problem.py ]] || return 0
    for file in "$REPOSITORY"/experiments/*/problem.py; do
        folder=${file%/problem.py}
        [[ ! -f $file ]] || tasks+=", ${folder##*/}"
    done
    refuse "unknown task ${option[task]} (experiments/ has: ${tasks:2})"
}

# The minutes of a time limit, rounded up as Slurm does, or 0 for none; fails if the
# limit has no form of Slurm's.
limit_minutes() {
    local LC_ALL=C n='([0-9]{1,6})' fields
    if [[ ${1^^} == UNLIMITED || ${1^^} == INFINITE ]]; then
        fields=(0 0 0 0)
    elif [[ $1 =~ ^$n-$n(:$n(:$n)?)?$ ]]; then # days-hours[:minutes[:seconds]]
        fields=("${BASH_REMATCH[@]:1:2}" "${BASH_REMATCH[4]}" "${BASH_REMATCH[6]}")
    elif [[ $1 =~ ^$n:$n:$n$ ]]; then # hours:minutes:seconds
        fields=(0 "${BASH_REMATCH[@]:1:3}")
    elif [[ $1 =~ ^$n(:$n)?$ ]]; then # minutes[:seconds]
        fields=(0 0 "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}")
    else
        return 1
    fi
    printf '%d' $((10#0${fields[0]} * 1440 + 10#0${fields[1]} * 60 +
        10#0${fields[2]} + (10#0${fields[3]} + 59) / 60))
}

# ---- What the job needs to know --------------------------------------------------

choose_size() {
    local minutes LC_ALL=C
    if [[ -n ${option[reservation]-} ]]; then
        NODES=${option[reservation-nodes]} TIME=UNLIMITED
    else
        NODES=${option[nodes]:-16} TIME=${option[time]:-1-00:00:00}
    fi
    minutes=$(limit_minutes "$TIME") || refuse "--time must be a time limit such as \
90 (minutes), 12:00:00 or 2-00:00:00, not $(quoted "$TIME")"
    [[ $STOP_SECONDS =~ ^([2-9]|[1-9][0-9]{1,3}|[1-5][0-9]{4})$ ]] ||
        refuse "STOP_SECONDS must be a whole number from 2 to 59999, \
not $(quoted "$STOP_SECONDS")"
    STOP=$STOP_SECONDS
    # A short job searches for half of its time at least.
    if ((0 < minutes && minutes * 30 < STOP)); then STOP=$((minutes * 30)); fi
}

choose_environment() {
    ENVIRONMENT=${option[env]:-$ACTIVATE_PYTHON_ENV}
    local LC_ALL=C
    [[ $ENVIRONMENT != -* && $ENVIRONMENT != *[[:cntrl:]]* ]] ||
        refuse "ACTIVATE_PYTHON_ENV is no environment: $(quoted "$ENVIRONMENT")"
    if [[ -n $ENVIRONMENT && -f $ENVIRONMENT/bin/activate ]]; then
        ENVIRONMENT=$(absolute "$ENVIRONMENT")
    elif [[ -z $ENVIRONMENT && -f $REPOSITORY/.venv/bin/activate ]]; then
        ENVIRONMENT=.venv
    fi
}

absolute() { CDPATH='' cd -- "$1" && pwd; }

choose_run_folder() {
    local run=${option[resume]-}
    if [[ -z $run ]]; then
        RUN_FOLDER=$(new_run_folder)
    elif [[ $run == latest ]]; then
        RUN_FOLDER=$(newest_run_folder)
        [[ -n $RUN_FOLDER ]] ||
            refuse "results/${option[task]}/ holds no run that could be resumed"
    else
        [[ -f $run/init_infos.json ]] ||
            refuse "--resume must be 'latest' or the folder of a run, \
and $(quoted "$run") holds no init_infos.json"
        RUN_FOLDER=$(absolute "$run")
        RUN_FOLDER=${RUN_FOLDER#"$REPOSITORY"/}
        [[ ! $RUN_FOLDER =~ ^results/([^/]+)/[^/]+$ ||
            ${BASH_REMATCH[1]} == "${option[task]}" ]] ||
            refuse "$(quoted "$RUN_FOLDER") is no run of the task ${option[task]}"
    fi
    SEARCH=${option[search]:-nsga2}
    [[ -z $run ]] || SEARCH=$(cd -- "$REPOSITORY" && recorded_search "$RUN_FOLDER") ||
        refuse "python3 cannot read which search $(quoted "$RUN_FOLDER") was started with"
    [[ ${option[search]:-$SEARCH} == "$SEARCH" ]] || refuse "--search is \
$(quoted "${option[search]}"), but $(quoted "$RUN_FOLDER") was started with \
$(quoted "$SEARCH") and goes on with it"
}

# What a run was started with, it goes on with.
recorded_search() {
    local program=python3
    [[ ! -x $ENVIRONMENT/bin/python3 ]] || program=$ENVIRONMENT/bin/python3
    "$program" -c 'import json, sys
arguments = json.load(open(sys.argv[1], encoding="utf-8")).get("arguments") or {}
print(arguments.get("search") or "nsga2")' "$1/init_infos.json" 2>/dev/null
}

new_run_folder() {
    printf 'results/%s/%(%Y-%m-%dT%H%M%S)T' "${option[task]}" -1
}

newest_run_folder() { # by its recorded start, in UTC; names stand in for that
    local file text start newest='' last=''
    for file in "$REPOSITORY/results/${option[task]}"/*/init_infos.json; do
        [[ -f $file ]] || continue
        text=$(<"$file") start=${file%/init_infos.json} start=${start##*/}
        [[ ! $text =~ \"started\":\ *\"([^\"]+)\" ]] || start=${BASH_REMATCH[1]}
        if [[ ! $start < $last ]]; then newest=${file%/init_infos.json} last=$start; fi
    done
    printf '%s' "${newest#"$REPOSITORY"/}"
}

# Sets the flags that the job gets from elsewhere than its own defaults.
check_search() {
    GIVEN=''
    [[ -n ${option[search]-} || ${#search_flags[@]} -gt 0 ]] || return 0
    local program='exec python3 -m xnas.cli.job_flags "$@"' run='' answer status=0
    local words=("$SEARCH" ${search_flags[@]+"${search_flags[@]}"})
    [[ -z ${option[single-objective]-} ]] || words+=(--record-mo-xai-only true)
    [[ -z ${option[max-evals]-} ]] || words+=(--max-evals "${option[max-evals]}")
    [[ -z ${option[resume]-} ]] || run=$RUN_FOLDER
    # The parser of nas itself, in the environment that the job will have.
    [[ -z $ENVIRONMENT ]] ||
        program=$(render_activation "$(quoted "$ENVIRONMENT")")$'\n'$program
    answer=$(cd -- "$REPOSITORY" && "$BASH" -c "$program" bash "$run" "${words[@]}" 2>&1) ||
        status=$?
    if ((status == 2)); then
        printf '%s\n' "$answer" >&2
        exit 2
    fi
    answer=${answer//[^[:print:]$'\n']/}
    ((status == 0)) ||
        fail "the flags of nas cannot be checked here: ${answer##*$'\n'}"
    GIVEN=" ${answer//$'\n'/ } "
}

# ---- The job's text: reads the variables above, prints ------------------------------

render_job() {
    printf '#!/bin/bash\n'
    render_directives
    printf '\ncd -- %q || exit 1\n' "$REPOSITORY"
    [[ -z $ENVIRONMENT ]] || render_activation "$(quoted "$ENVIRONMENT")"
    render_link "slurm-xnas-${option[task]}"
    render_search
}

directives() { printf '#SBATCH --%s\n' "$@"; }

render_directives() {
    local name
    directives "job-name=xnas-${option[task]}" "nodes=$NODES" ntasks-per-node=1 \
        "time=$TIME" "output=logs_batch/slurm-xnas-${option[task]}-%j.out"
    # A job that starts again carries on: its search, and its log.
    directives requeue open-mode=append no-kill "signal=B:USR1@$STOP"
    for name in partition account reservation gpus-per-node cpus-per-task; do
        [[ -z ${option[$name]-} ]] || directives "$name=${option[$name]}"
    done
    [[ -z ${option[reservation]-} ]] || directives qos=exempt
    # Whole nodes with all memory; --exclusive alone would give the default memory.
    [[ -n ${option[cpus-per-task]-} ]] || directives exclusive mem=0
}

render_activation() {
    # shellcheck disable=SC2016 # the job expands its variables
    printf '
# A folder with bin/activate, or a conda environment.
if [ -f %s/bin/activate ]; then
    # shellcheck disable=SC1091
    source %s/bin/activate
elif command -v "${CONDA_EXE:-conda}" >/dev/null; then
    eval "$("${CONDA_EXE:-conda}" shell.bash hook)"
    conda activate %s
else
    false
fi || {
    echo "The environment" %s "can not be activated on $(hostname): it is neither a" \\
        "folder with bin/activate nor a conda environment that works here." >&2
    exit 1
}
' "$1" "$1" "$1" "$1"
}

render_link() {
    # shellcheck disable=SC2016 # the job expands its variables
    printf '
# The newest log goes by a name that stays.
ln -sfn "%s-$SLURM_JOB_ID.out" logs_batch/%s-latest.out
' "$1" "$1"
}

# In place of this shell, so that the signals of Slurm reach it.
render_search() {
    printf '\nexec ./xnas-ray-job.sh \\\n'
    printf '    --run-dir %q \\\n' "$RUN_FOLDER"
    printf '    --stop-within %d \\\n' $((STOP / 2))
    [[ -z ${option[workers-per-node]-} ]] ||
        printf '    --workers-per-node %d \\\n' "${option[workers-per-node]}"
    printf '    -- nas %q' "$SEARCH"
    if [[ -z ${option[resume]-} ]]; then
        render_new_search
    else # what is not given comes from the run folder
        [[ -z ${option[single-objective]-} ]] || flag record-mo-xai-only true
        [[ -z ${option[max-evals]-} ]] || flag max-evals "${option[max-evals]}"
    fi
    render_search_flags
    printf '\n'
}

flag() { printf ' \\\n    --%s %q' "$1" "$2"; }

# default NAME VALUE [GIVEN]: a flag, unless what follows -- says it.
default() { [[ -z ${3-} && $GIVEN == *" --$1 "* ]] || flag "$1" "${3:-$2}"; }

render_new_search() {
    local explainability=activations
    [[ ${option[task]} != imagenet ]] || explainability=activations-imagenet
    flag problem "experiments.${option[task]}.problem.Problem"
    default run xnas.nas_deephyper.nas_run.run
    default multiobjective-explainability true
    default record-mo-xai-only false "${option[single-objective]-}"
    default explainability-type "$explainability"
    default max-evals 16000 "${option[max-evals]-}"
}

render_search_flags() {
    local word
    for word in ${search_flags[@]+"${search_flags[@]}"}; do
        if [[ $word == --* ]]; then printf ' \\\n   '; fi
        printf ' %q' "$word"
    done
}

# ---- Submitting ------------------------------------------------------------------

MADE='' # the run folder, until Slurm has the job
trap '[[ -z $MADE ]] || rmdir -- "$MADE" 2>/dev/null || :' EXIT

# Two jobs of one second must not share a folder: the later one takes the next second.
make_folders() {
    mkdir -p -- "$REPOSITORY/logs_batch" "$REPOSITORY/results/${option[task]}" || exit 1
    [[ -z ${option[resume]-} ]] || return 0
    until mkdir -- "$REPOSITORY/$RUN_FOLDER" 2>/dev/null; do
        [[ -e $REPOSITORY/$RUN_FOLDER ]] || fail "$RUN_FOLDER/ cannot be made"
        sleep 1
        RUN_FOLDER=$(new_run_folder)
    done
    MADE=$REPOSITORY/$RUN_FOLDER
}

submit() {
    local job answer status=0 rule
    command -v sbatch >/dev/null ||
        fail "there is no sbatch on PATH: run this on a Slurm cluster, or add --dry-run"
    make_folders
    job=$(render_job)
    printf -v rule '%84s' ''
    printf 'Submitting this job:\n%s\n%s\n%s\n' "${rule// /=}" "$job" "${rule// /=}"
    # From the repository, since the job's log has a relative path.
    answer=$(CDPATH='' cd -- "$REPOSITORY" && sbatch --parsable <<<"$job") || status=$?
    if ((status)); then
        [[ -z $answer ]] || printf '%s\n' "$answer" >&2
        exit "$status"
    fi
    MADE=''
    report "$answer"
}

# report ANSWER: sbatch answers with the job's number, and ;CLUSTER where there are many.
report() {
    local id='' log here=./
    if [[ $1 =~ [0-9]+ ]]; then id=${BASH_REMATCH[0]}; fi
    [[ $PWD == "$REPOSITORY" ]] || here=$REPOSITORY/
    log=${here#./}logs_batch/slurm-xnas-${option[task]}-$id.out
    [[ $RUN_FOLDER == /* ]] || RUN_FOLDER=${here#./}$RUN_FOLDER
    printf 'Submitted job %s\n' "$id"
    printf 'Run folder  %q\nLog         %q\n' "$RUN_FOLDER" "$log"
    printf 'Progress    %q status %q\n' "${here}deephyper_xnas" "$RUN_FOLDER"
    printf 'Queue       squeue --jobs %s\nCancel      scancel %s\n' "$id" "$id"
}

main() {
    find_repository
    parse_options "$@"
    check_options
    choose_size
    choose_environment
    choose_run_folder
    check_search
    if [[ -n ${option[dry-run]-} ]]; then
        render_job
    else
        submit
    fi
}

main "$@"
