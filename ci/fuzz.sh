#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# Calls in sequences that libFuzzer makes up, answered alike by both wings and by plain data, under AddressSanitizer. It needs a nightly
# compiler and cargo-fuzz. What it finds lies in fuzz/artifacts/agreement, to be tried again: `cargo +nightly fuzz run agreement FILE`.
cargo fmt --manifest-path fuzz/Cargo.toml --check
if ! rustc +nightly --version >/dev/null 2>&1 || ! cargo fuzz --version >/dev/null 2>&1; then
    echo "skipped: fuzzing needs a nightly compiler and cargo-fuzz"
    exit 77
fi
# cargo-fuzz asks for the sanitizer by RUSTFLAGS, which CARGO_ENCODED_RUSTFLAGS would take the place of.
unset CARGO_ENCODED_RUSTFLAGS
# What libFuzzer exits with is 77 too.
cargo +nightly fuzz run agreement -- -max_total_time="${NOGIL_FUZZ_SECONDS:-20}" -max_len=600 -timeout=20 || exit 1
