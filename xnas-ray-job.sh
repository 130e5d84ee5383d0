#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs a search on all nodes of a Slurm job: Ray on each of them, the search on the first.
set -euo pipefail
ulimit -c 0 # a Ray process that is killed would leave some 300 MB

usage="Usage: xnas-ray-job.sh --run-dir DIR [--workers-per-node N] [--stop-within SECONDS]
                       -- nas SEARCH FLAG...

Called by the batch script of a Slurm job, on the job's first node. Starts Ray on all
nodes of the job, runs ./deephyper_xnas nas SEARCH FLAG... on it, and ends Ray again.

  --run-dir DIR           run folder, on a disk that all nodes share; a search that it
                          holds is resumed
  --workers-per-node N    networks that a node trains at a time (default: one for each
                          GPU, or one)
  --stop-within SECONDS   time that running evaluations get to finish once the time
                          limit comes near (default 60)

SIGUSR1 (sbatch --signal=B:USR1@SECONDS) stops the search and requeues the job, which
then goes on in the same folder.

  XNAS_RAY_DASHBOARD=1      start Ray's dashboard (for which ray[default] is needed)
  XNAS_RAY_WAIT=SECONDS     wait so long for each of: Ray's head, its other nodes
                            (default 120)"

readonly STOPPED_EARLY=75 INTERRUPTED=130
readonly LIMIT=${XNAS_RAY_WAIT:-120}
readonly SECONDS_TO_END=10                   # for Ray on all nodes
readonly SECONDS_TO_STOP=20                  # for a search that lost its Ray
readonly OBJECT_STORE=$((128 * 1024 * 1024)) # tasks and outcomes: a few kilobytes each
readonly PROBE='import socket, sys
s = socket.socket(type=socket.SOCK_DGRAM); s.connect((sys.argv[1], 9))
print(s.getsockname()[0])'
readonly FREE_PORT='import random, socket
for port in random.sample(range(10_000, 32_768), 1_000):
    try:
        socket.create_server(("", port))
    except OSError:
        continue
    print(port)
    break'
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { echo "xnas-ray-job.sh: $*" >&2 || :; } # on a full disk, without the words

refuse() {
    say "$*; see --help"
    exit 2
}

parse_arguments() {
    local -A option=()
    while [[ $# -gt 0 ]]; do
        case $1 in
        -h | --help)
            echo "$usage"
            exit 0
            ;;
        --)
            shift
            break
            ;;
        --run-dir | --workers-per-node | --stop-within)
            if [[ $# -lt 2 || $2 == -* ]]; then refuse "$1 needs a value"; fi
            option[$1]=$2
            shift 2
            ;;
        *) refuse "unknown option $1" ;;
        esac
    done
    search_arguments=("$@")
    run_dir=${option[--run-dir]:-}
    workers_per_node=${option[--workers-per-node]:-}
    stop_within=${option[--stop-within]:-60}
    if [[ ! $run_dir ]]; then refuse "--run-dir is missing, expected the run folder"; fi
    expect_count --workers-per-node "${workers_per_node:-1}"
    expect_count --stop-within "$stop_within"
    expect_count XNAS_RAY_WAIT "$LIMIT"
    if [[ ${1:-} != nas || $# -lt 2 ]]; then
        refuse "after -- expected nas SEARCH FLAG..., found: ${*:-nothing}"
    fi
    if [[ ! ${SLURM_JOB_ID:-} || ! ${SLURM_JOB_NODELIST:-} ]]; then
        refuse "SLURM_JOB_ID is not set: this runs inside a Slurm job, which" \
            "./submit_job.sh submits"
    fi
}

expect_count() { # NAME VALUE
    if [[ ! $2 =~ ^[1-9][0-9]{0,8}$ ]]; then
        refuse "$1 is '$2', expected a whole number from 1"
    fi
}

# Sets nodes, head, and what a node has and each of its workers gets.
find_resources() {
    local numbers
    mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
    if [[ ${#nodes[@]} -eq 0 ]]; then
        say "scontrol names no nodes for the job's list '$SLURM_JOB_NODELIST'"
        exit 1
    fi
    head=${nodes[0]}
    numbers=$(python3 -m xnas.slurm.resources ${workers_per_node:+"$workers_per_node"})
    read -r workers_per_node gpus cpus_per_worker gpus_per_worker <<<"$numbers"
}

# Prints the address by which the job's other nodes reach a node.
address_of() { # NODE
    local name found
    name=$(scontrol show node "$1" | sed -n 's/.*NodeAddr=\([^ ]*\).*/\1/p')
    if [[ $name =~ ^[0-9.]+$ ]]; then
        echo "$name"
        return
    fi
    found=$(getent ahostsv4 "${name:-$1}" | awk '$1 !~ /^127\./ { print $1; exit }' || :)
    if [[ ! $found && $1 == "$head" ]]; then
        # A machine's own name often leads to a loopback address, of no use to others:
        # the address from which this one would send to another.
        found=$(python3 -c "$PROBE" "${nodes[1]:-127.0.0.1}" 2>/dev/null || :)
    fi
    echo "$found"
}

# Starts the step that runs Ray on a node; its end is told by SIGUSR2 and a file.
start_ray() { # NODE ARGUMENT_OF_RAY_START...
    local node=$1 address input
    shift
    address=$(address_of "$node")
    if [[ ! $address ]]; then
        say "no IPv4 address found for node $node (NodeAddr of scontrol show node)"
        exit 1
    fi
    addresses[$node]=$address
    rm -f "$scratch/input-$node"
    mkfifo "$scratch/input-$node"
    exec {input}<>"$scratch/input-$node"
    inputs[$node]=$input
    (
        # Slurm signals all at once when it ends a job, but a step that srun is told
        # to end is killed before it can clean up.
        trap '' TERM INT USR1 USR2
        exec >>"$(log_of "$node")" 2>&1
        # No --cpus-per-task: a step without it has all CPUs of the job on the node.
        srun --overlap --nodes=1 --ntasks=1 --nodelist="$node" --mem=0 --cpu-bind=none \
            --job-name=ray --unbuffered \
            python3 -m xnas.slurm.ray_node \
            "$ray_directory" --node-ip-address="$address" \
            --num-cpus=$((cpus_per_worker * workers_per_node)) --num-gpus="$gpus" \
            --object-store-memory="$OBJECT_STORE" --disable-usage-stats \
            --dashboard-agent-listen-port=0 --min-worker-port=0 --max-worker-port=0 \
            --include-log-monitor=false "$@" \
            <"$scratch/input-$node" &
        echo "$!" >"$scratch/srun-$node"
        wait "$!" || :
        touch "$scratch/ended-$node"
        kill -USR2 "$$" 2>/dev/null || :
    ) &
    steps[$node]=$!
}

log_of() { echo "$run_dir/logs/ray-$SLURM_JOB_ID-$1.log"; } # NODE

has_ended() { [[ -e $scratch/ended-$1 ]]; } # NODE

# Sets ray_address once the head answers.
start_head() {
    local dashboard=false attempt
    if [[ ${XNAS_RAY_DASHBOARD:-} == 1 ]]; then dashboard=true; fi
    for attempt in 1 2 3; do
        # The head gets its own port from the system (0), but the server for Ray clients
        # has to be given one, which somebody else may be quicker to take; so it is below
        # those that Linux hands out, where the head itself takes dozens at this moment.
        start_ray "$head" --head --port=0 --include-dashboard="$dashboard" \
            --dashboard-port=0 --ray-client-server-port="$(python3 -c "$FREE_PORT")"
        if head_answers; then return; fi
        if ((attempt < 3)); then
            rm "$scratch/ended-$head"
            told=()
        fi
    done
    head_failed "ended before it answered"
}

# Waits for the head; fails once it has ended.
head_answers() {
    local deadline=$((SECONDS + LIMIT))
    # Ray writes the file when it has started, with the port that it got.
    until [[ -s $ray_directory/ray_current_cluster ]]; do
        if has_ended "$head"; then return 1; fi
        if ((SECONDS > deadline)); then head_failed "did not answer in $LIMIT s"; fi
        sleep 0.2
    done
    ray_address=$(<"$ray_directory/ray_current_cluster")
}

head_failed() { # WHAT_HAPPENED
    say "Ray's head on $head $1; the end of $(log_of "$head"):"
    tail -n 15 "$(log_of "$head")" | sed 's/^/    /' >&2 || :
    exit 1
}

# Waits for the other nodes; goes on without those that do not come.
wait_for_nodes() {
    local expected=() node missing
    for node in "${!addresses[@]}"; do expected+=("$node=${addresses[$node]}"); done
    python3 -m xnas.slurm.ray_nodes \
        "$ray_address" "$LIMIT" "$scratch" "${expected[@]}" \
        >"$scratch/missing" &
    await "$!" || {
        if has_ended "$head"; then head_failed "ended"; fi
        say "asking Ray for its nodes failed"
        exit 1
    }
    missing=$(<"$scratch/missing")
    if [[ $missing ]]; then
        say "going on without the node(s) $missing, which did not join Ray within" \
            "$LIMIT s; see $(log_of "${missing%% *}")"
    fi
}

# Waits for a child through all signals, and returns its exit status.
await() { # PID
    local status
    awaited=$1
    woken=1
    while [[ $woken ]]; do
        woken='' status=0
        wait "$1" 2>/dev/null || status=$?
    done
    awaited=''
    return "$status"
}

# shellcheck disable=SC2317 # called by a trap
on_stop() {
    woken=1
    if [[ $search ]]; then
        say "SIGUSR1: stopping the search, to go on after a restart of the job"
        kill -USR1 "$search" 2>/dev/null || :
    else
        finish "$STOPPED_EARLY"
    fi
}

# shellcheck disable=SC2317 # called by a trap
on_end() {
    woken=1
    is_interrupted=1
    if [[ ! $search ]]; then exit "$INTERRUPTED"; fi
    kill -TERM "$search" 2>/dev/null || :
}

# shellcheck disable=SC2317 # called by a trap
on_step_end() {
    woken=1
    local node
    for node in "${!addresses[@]}"; do
        if ! has_ended "$node" || [[ ${told[$node]:-} ]]; then continue; fi
        told[$node]=1
        if [[ ! $search ]]; then continue; fi
        if [[ $node == "$head" ]]; then
            end_search
        elif [[ ! $is_interrupted ]]; then
            say "Ray on node $node has ended; the search goes on with the others"
        fi
    done
}

# Ends the search, which has lost its Ray.
end_search() {
    local deadline
    sleep 1 # a job that is being ended signals us and the steps in any order
    if [[ ! $is_interrupted ]]; then
        say "Ray's head on $head has ended, and with it the search; see $(log_of "$head")"
        has_lost_head=1
    fi
    kill -TERM "$search" 2>/dev/null || return 0
    deadline=$((SECONDS + SECONDS_TO_STOP))
    while ((SECONDS < deadline)); do
        kill -0 "$search" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$search" 2>/dev/null || :
}

run_search() {
    local place=--log-dir status=0
    if [[ -e $run_dir/init_infos.json ]]; then place=--resume; fi
    "$here/deephyper_xnas" "${search_arguments[@]}" "$place" "$run_dir" \
        --evaluator ray --ray-address "$ray_address" \
        --num-cpus-per-task "$cpus_per_worker" --num-gpus-per-task "$gpus_per_worker" \
        --stop-within "$stop_within" &
    search=$!
    if has_ended "$head"; then end_search; fi
    await "$search" || status=$?
    search=''
    # SIGUSR1 ends a search that has not yet begun to listen for it.
    if ((status == 128 + $(kill -l USR1))); then status=$STOPPED_EARLY; fi
    if [[ $has_lost_head ]]; then status=1; fi
    return "$status"
}

# Ends Ray on all nodes and removes what this script made.
clean_up() {
    local deadline=$((SECONDS + SECONDS_TO_END)) node
    trap '' TERM INT USR1 USR2
    trap - EXIT
    for node in "${!inputs[@]}"; do echo end >&"${inputs[$node]}"; done
    if [[ $awaited ]]; then kill -TERM "$awaited" 2>/dev/null || :; fi
    for node in "${!addresses[@]}"; do
        until has_ended "$node"; do
            if ((SECONDS > deadline)); then
                # Slurm ends the step together with the job.
                say "Ray on $node has not ended after $SECONDS_TO_END s"
                kill -KILL "$(<"$scratch/srun-$node")" 2>/dev/null || :
                break
            fi
            sleep 0.1
        done
    done
    # Whoever waits for a step still writes into the folder that goes now.
    # Before its version 4.4, bash takes an empty list for a variable that is not set.
    wait ${steps[@]+"${steps[@]}"} || :
    rm -rf "$token" "$scratch" || :
}

# Ends this script, after a search that stopped early with the job requeued.
finish() { # STATUS
    clean_up
    if (($1 != STOPPED_EARLY)); then exit "$1"; fi
    count_starts
    if scontrol requeue "$SLURM_JOB_ID"; then exit 0; fi
    say "requeueing job $SLURM_JOB_ID failed; to go on by hand: $(resume_command)"
    exit "$STOPPED_EARLY"
}

# Gives up when this start and the one before it added no row.
count_starts() {
    local file=$run_dir/starts_without_rows count=0
    if (($(count_rows) <= rows_before)); then
        count=$(($(cat "$file" 2>/dev/null || echo 0) + 1))
    fi
    if ((count > 1)); then
        rm -f "$file"
        say "giving up: no evaluation finished between the last $count starts and their" \
            "time limits; allow more time (--time), then: $(resume_command)"
        exit 1
    fi
    echo "$count" >"$file" || :
}

count_rows() {
    { tail -n +2 "$run_dir/results.csv" 2>/dev/null || :; } | wc -l
}

resume_command() {
    echo "./submit_job.sh -t $(basename "$(dirname "$run_dir")") --resume $run_dir"
}

make_token() {
    rm -f "$token"
    (umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$token")
}

main() {
    parse_arguments "$@"
    local program
    for program in python3 ray; do
        if ! command -v "$program" >/dev/null; then
            say "no $program on the PATH; the batch script must activate the environment"
            exit 1
        fi
    done
    export PYTHONPATH=$here${PYTHONPATH:+:$PYTHONPATH}
    find_resources
    mkdir -p "$run_dir/logs"
    run_dir=$(cd "$run_dir" && pwd)
    rows_before=$(count_rows)
    search='' awaited='' woken='' is_interrupted='' has_lost_head=''
    declare -gA addresses=() inputs=() steps=() told=()

    rm -rf "/tmp/xnas-job-$SLURM_JOB_ID".* # left by a start of this job that was cut short
    scratch=$(mktemp -d "/tmp/xnas-job-$SLURM_JOB_ID.XXXXXX")
    # Sockets are in it, whose paths have 107 characters at most: a short name.
    ray_directory=/tmp/xnas-ray-$SLURM_JOB_ID.${scratch##*.}
    token=$run_dir/.ray-token-$SLURM_JOB_ID
    trap clean_up EXIT
    trap on_stop USR1
    trap on_end TERM INT
    trap on_step_end USR2

    if ! make_token 2>/dev/null; then
        say "Ray's token cannot be written to $token; is the disk full?"
        exit 1
    fi
    unset RAY_ADDRESS RAY_AUTH_TOKEN
    export RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH=$token RAY_USAGE_STATS_ENABLED=0
    # Ray would start a worker for each CPU before any is needed.
    export RAY_prestart_worker_first_driver=0

    start_head
    for node in "${nodes[@]:1}"; do start_ray "$node" --address="$ray_address"; done
    wait_for_nodes
    local status=0
    run_search || status=$?
    finish "$status"
}

main "$@"
