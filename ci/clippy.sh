#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

cargo clippy --all-targets -- -D warnings
# What only a program in drawn orders is built with, with the flags and the folder of `cargo shuttle`.
cargo --config "build.rustflags=['--cfg','shuttle']" clippy --release --target-dir target/shuttle --lib --test shuttle -- -D warnings
