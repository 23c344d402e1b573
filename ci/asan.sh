#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# AddressSanitizer, and with it LeakSanitizer at each program's end, over the conformance suite and the stress tests. It needs a
# nightly compiler, and finds what is freed too early, twice, or never.
target=$(rustc -vV | sed -n 's/^host: //p')
if [ "$(uname -sm)" != "Linux x86_64" ] || ! rustc +nightly --version >/dev/null 2>&1; then
    echo "skipped: AddressSanitizer needs a nightly compiler, on Linux x86_64"
    exit 77
fi
# With --target, build scripts and macros are compiled without. CARGO_ENCODED_RUSTFLAGS would take the place of RUSTFLAGS.
unset CARGO_ENCODED_RUSTFLAGS
tests() {
    RUSTFLAGS="-Zsanitizer=address" ASAN_OPTIONS="detect_leaks=1" \
        cargo +nightly test --target "$target" --target-dir target/asan --test conformance --test stress "$@"
}
tests --no-run --message-format=json-render-diagnostics | bash ci/sanitized.sh __asan_init
tests
