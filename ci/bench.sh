#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The benchmarks are a package of their own, with the peers it measures. Each runs once here, to show that it runs; nothing is measured.
cargo fmt --manifest-path benches/Cargo.toml --check
cargo clippy --manifest-path benches/Cargo.toml --all-targets -- -D warnings
cargo bench --manifest-path benches/Cargo.toml -- --test
