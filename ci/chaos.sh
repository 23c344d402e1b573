#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests amid chaos: the seam's atomics hold a thread up at random, and what may fail for no reason does (--cfg chaos, src/primitive/os/chaos.rs).
# First of all that they do so: the tests beside them.
export RUSTFLAGS="--cfg chaos"
said=$(cargo test --target-dir target/chaos --lib chaos 2>&1) || { echo "$said"; exit 1; }
if ! grep -qE '^running [1-9]' <<<"$said"; then
    printf 'broken: no chaos\n%s\n' "$said"
    exit 1
fi
cargo test --target-dir target/chaos --test conformance --test stress -- "$@"
