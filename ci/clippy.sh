#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

cargo clippy --all-targets -- -D warnings
# What only a program in drawn orders is built with, with the flags and the folder of `cargo shuttle`, which RUSTFLAGS would take the place of.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
cargo --config "target.'cfg(all())'.rustflags=['--cfg','nogil_shuttle']" clippy --release --features shuttle --target-dir target/shuttle --lib --test shuttle -- -D warnings
# And what only ci/chaos.sh builds the library with.
cargo --config "target.'cfg(all())'.rustflags=['--cfg','nogil_chaos']" clippy --target-dir target/chaos --lib -- -D warnings
