#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# Private items too: the engines' pages are documentation, and their links must lead somewhere.
# CARGO_ENCODED_RUSTDOCFLAGS would take the place of RUSTDOCFLAGS.
unset CARGO_ENCODED_RUSTDOCFLAGS
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --no-deps --document-private-items --target-dir target/private-doc
