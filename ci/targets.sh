#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# Does the library compile elsewhere? Checked, not run: 64 bits of another kind, 32 bits, big-endian, other systems, and WebAssembly. What
# is not Linux of 64 bits takes the portable half of src/primitive/os/futex.rs, which no other check compiles.
#
# A target needs its std, as `rustup target add` or a distribution brings it, or else std's sources (rustup's component rust-src) to compile
# that from, a minute each. Nothing is downloaded but the crates that std is made of. Another compiler than rustup's is named in TARGETS_RUSTC.
targets="aarch64-unknown-linux-gnu i686-unknown-linux-gnu s390x-unknown-linux-gnu x86_64-pc-windows-msvc aarch64-apple-darwin
    x86_64-unknown-freebsd wasm32-unknown-unknown wasm32-wasip1"

export RUSTC=${TARGETS_RUSTC:-rustc}
library="$("$RUSTC" --print sysroot)/lib/rustlib"
"$RUSTC" --version
# CARGO_ENCODED_RUSTFLAGS would take the place of RUSTFLAGS. A target may leave something unused. (Older compilers, 1.85 for one, take what only a public trait leads to for unreachable.)
unset CARGO_ENCODED_RUSTFLAGS
export RUSTFLAGS="-D warnings -A unreachable_pub"
checked=0 skipped=0
for target in ${*:-$targets}; do
    if ls "$library/$target"/lib/libstd-*.rlib >/dev/null 2>&1; then
        cargo check --quiet --lib --target "$target" --target-dir target/targets
    elif [ -f "$library/src/rust/library/Cargo.lock" ]; then
        # Only a nightly compiler may compile std, or one that is told to take itself for one.
        RUSTC_BOOTSTRAP=1 cargo check --quiet --lib --target "$target" --target-dir target/targets-std -Zbuild-std=std,panic_unwind
    else
        echo "skipped: $target, whose std is not here"
        skipped=$((skipped + 1))
        continue
    fi
    echo "compiles: $target"
    checked=$((checked + 1))
done
# Miri interprets for this machine, and takes the portable half as well.
RUSTFLAGS="$RUSTFLAGS --cfg miri" cargo check --quiet --lib --target-dir target/targets-miri
echo "compiles: for Miri"
echo "$checked compile, $skipped skipped"
if [ "$checked" = 0 ]; then
    echo "skipped: no target was checked, only Miri's half"
    exit 77
fi
