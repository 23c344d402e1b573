#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The long form of every check, for before a release. Hours, not minutes; each check runs alone as well.

# A script whose tool is not here says so and exits with 77.
unless_skipped() { bash "$1" || [ $? = 77 ]; }

for bound in 2 3; do
    LOOM_MAX_PREEMPTIONS=$bound bash ci/loom.sh
done
# Other orders in each run; a failure prints its seed and its schedule.
for _ in $(seq 10); do
    seed=$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')
    NOGIL_SEED=$seed NOGIL_SCHEDULES=20000 bash ci/shuttle.sh
done
python3 ci/mutants.py
unless_skipped ci/targets.sh
bash ci/portable.sh
bash ci/bench.sh once
for _ in $(seq 20); do
    NOGIL_STRESS_MS=2000 bash ci/chaos.sh
done
unless_skipped ci/asan.sh
unless_skipped ci/tsan.sh
NOGIL_HISTORIES=50000 cargo test --release --test linearizability
PROPTEST_CASES=20000 cargo test --release --test agreement
NOGIL_FUZZ_SECONDS=3600 unless_skipped ci/fuzz.sh
for _ in $(seq 50); do
    cargo test --release --test conformance --test stress
done
