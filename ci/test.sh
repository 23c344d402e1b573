#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The test command of the README: unit tests, the conformance suite over every wing, the examples, the doc examples.
cargo test
# And what users run is optimized, and there steps stand in another order. (Not the doc examples once more.)
cargo test --release --tests
