#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The models, each searched up to one preemption; `cargo loom` alone looks two far, which takes minutes, and LOOM_MAX_PREEMPTIONS=3 further.
# A line per model, and a table per primitive and wing: ci/models.sh. RUSTFLAGS would take the place of the flags that make it a model, and
# these limits of loom's end a search early and let it pass.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS LOOM_MAX_DURATION LOOM_MAX_PERMUTATIONS LOOM_CHECKPOINT_FILE
LOOM_MAX_PREEMPTIONS="${LOOM_MAX_PREEMPTIONS:-1}" cargo loom
