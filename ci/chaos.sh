#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests amid chaos (--cfg nogil_chaos, src/primitive/os/chaos.rs): before any access to an atomic a thread may be held up, and what may fail for no reason does.
# The locked wing is left out, which has no atomics. So are the tests of memory, of system calls and of processor time, all of which chaos takes its own of.
# CARGO_ENCODED_RUSTFLAGS would take the place of RUSTFLAGS.
unset CARGO_ENCODED_RUSTFLAGS
export RUSTFLAGS="--cfg nogil_chaos" CARGO_TARGET_DIR="$PWD/target/chaos"

# There is chaos: its own tests see it, and are there only with it.
said=$(cargo test --lib chaos::) || { echo "$said"; exit 1; }
echo "$said"
if ! grep -qE '^running [1-9]' <<<"$said"; then
    echo "broken: there is no chaos"
    exit 1
fi
cargo test --test conformance --test stress --test linearizability -- --skip ::locked "$@"
