#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The test command of the README: unit tests, the conformance suite over every wing, the examples, the doc examples.
cargo test
