#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# What would be published builds from its own package. Nothing is uploaded, and uncommitted files do not matter here.
cargo publish --dry-run --allow-dirty --target-dir target/publish
