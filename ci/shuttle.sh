#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# Programs of four to eight threads, and loom's models, in orders of steps that are drawn: so many evenly, and as many by priorities.
# RUSTFLAGS would take the place of the flags without which there is no such program.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
said=$(mktemp)
trap 'rm -f "$said"' EXIT
NOGIL_SCHEDULES="${NOGIL_SCHEDULES:-1000}" cargo shuttle | tee "$said"
if ! grep -qE '^running [1-9]' "$said"; then
    echo "broken: no program ran"
    exit 1
fi
