#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The library alone on the oldest compiler that Cargo.toml declares; its tests and examples may need a newer one.
# Uses $MSRV_RUSTC, or a toolchain of that version that rustup has. It downloads nothing.
version=$(sed -n 's/^rust-version = "\([0-9][0-9.]*\)".*/\1/p' Cargo.toml)
if [ -z "$version" ]; then
    echo "broken: Cargo.toml has no line like rust-version = \"1.85\""
    exit 1
fi
rustc=${MSRV_RUSTC:-$(ls -d "${RUSTUP_HOME:-$HOME/.rustup}"/toolchains/"$version"[.-]*/bin/rustc 2>/dev/null | head -1 || true)}
if [ -z "$rustc" ]; then
    echo "skipped: no Rust $version here; name its compiler in MSRV_RUSTC to check against it"
    exit 77
fi
found=$("$rustc" --version)
echo "$found"
if [[ $found != "rustc $version"[.\ -]* ]]; then
    echo "broken: $rustc is not Rust $version"
    exit 1
fi
RUSTC="$rustc" cargo check --lib --target-dir target/msrv
