#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The models, each searched up to two preemptions; `LOOM_MAX_PREEMPTIONS=3 cargo loom` looks further.
LOOM_MAX_PREEMPTIONS="${LOOM_MAX_PREEMPTIONS:-2}" cargo loom
