#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The futex for systems other than Linux of 64 bits, run on this one: in a copy of the sources, what is meant for 64 bits asks for 16, so that the portable
# half of src/primitive/os/futex.rs is chosen, and no processor is known; and the longest sleep is not a day, which no test waits for, but ten milliseconds. The conformance suite
# and the stress tests must pass on it as well.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r Cargo.toml Cargo.lock README.md src tests examples "$copy"
sed -i 's/target_pointer_width = "64"/target_pointer_width = "16"/' "$copy/Cargo.toml" "$copy"/src/primitive/os/*.rs
sed -i 's/LONGEST_SLEEP: Duration = Duration::from_secs(24 \* 60 \* 60)/LONGEST_SLEEP: Duration = Duration::from_millis(10)/' "$copy/src/primitive/os/mod.rs"
grep -q 'from_millis(10)' "$copy/src/primitive/os/mod.rs"
if grep -r 'target_pointer_width = "64"' "$copy/src"; then
    echo "broken: this would still be chosen for 64 bits"
    exit 1
fi
needs=$(cargo tree --manifest-path "$copy/Cargo.toml" --edges normal --depth 1)
if [[ $needs != *parking_lot_core* || $needs == *libc* ]]; then
    printf 'broken: this is not the portable half\n%s\n' "$needs"
    exit 1
fi
CARGO_TARGET_DIR="$PWD/target/portable" cargo test --manifest-path "$copy/Cargo.toml" --test conformance --test stress
