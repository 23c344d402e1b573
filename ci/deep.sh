#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The long form of every check, for before a release. Hours, not minutes; each line runs alone as well.
for bound in 2 3; do
    LOOM_MAX_PREEMPTIONS=$bound bash ci/loom.sh
done
python3 ci/mutants.py
bash ci/targets.sh
bash ci/portable.sh
bash ci/asan.sh
bash ci/tsan.sh
NOGIL_HISTORIES=50000 cargo test --release --test linearizability
PROPTEST_CASES=20000 cargo test --release --test agreement
for _ in $(seq 50); do
    cargo test --release --test conformance --test stress
done
