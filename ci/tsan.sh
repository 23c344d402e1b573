#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# ThreadSanitizer over the stress tests. It needs a nightly compiler. std comes compiled without it: the seam tells the sanitizer of
# its mutexes' hand-overs (--cfg nogil_tsan, src/primitive/os/tsan.rs), and the stress tests synchronize by atomics and joins alone. The
# conformance suite does not: its channels, its condition variables and its scopes would each raise a false alarm.
target=$(rustc -vV | sed -n 's/^host: //p')
if [ "$(uname -sm)" != "Linux x86_64" ] || ! rustc +nightly --version >/dev/null 2>&1; then
    echo "skipped: ThreadSanitizer needs a nightly compiler, on Linux x86_64"
    exit 77
fi
# The ABI flag says that mixing with an std that is compiled without is meant. CARGO_ENCODED_RUSTFLAGS would take the place of RUSTFLAGS.
unset CARGO_ENCODED_RUSTFLAGS
tests() {
    RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer --cfg nogil_tsan" TSAN_OPTIONS="suppressions=$PWD/ci/tsan.supp" \
        cargo +nightly test --target "$target" --target-dir target/tsan --test stress "$@"
}
tests --no-run --message-format=json-render-diagnostics | bash ci/sanitized.sh __tsan_init
tests -- "$@"
