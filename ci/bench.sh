#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The benchmarks are a package of their own, with the peers it measures. `ci/bench.sh once` also runs each once, to show that it runs, which takes a build with
# optimization; nothing is measured.
cargo fmt --manifest-path benches/Cargo.toml --check
cargo clippy --manifest-path benches/Cargo.toml --all-targets -- -D warnings
if [ "${1:-}" = once ]; then
    cargo bench --manifest-path benches/Cargo.toml -- --test
fi
