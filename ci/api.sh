#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# The public API, item by item, is that of docs/public-api.txt, so that no change of it goes unseen: `ci/api.sh update` writes the file anew, and its
# diff is for the review. Left out are blanket impls, auto traits (tests/auto_traits.rs has a table of those), the pages of the guide, and the wings' engines, which nobody outside can
# name. It needs `cargo install cargo-public-api` and a nightly compiler, whose rustdoc lists the items.
file=docs/public-api.txt
if ! cargo public-api --version >/dev/null 2>&1 || ! rustc +nightly --version >/dev/null 2>&1; then
    echo "skipped: the public API is listed by cargo-public-api with a nightly compiler; one of them is not here"
    exit 77
fi
if [ "${1:-}" != update ] && [ ! -s "$file" ]; then
    echo "broken: there is no $file to compare with"
    exit 1
fi
tool="# Written by ci/api.sh with $(cargo public-api --version)"
if [ "${1:-}" != update ] && [ "$(head -1 "$file")" != "$tool" ]; then
    echo "skipped: $file begins with \"$(head -1 "$file")\", and here is another version: \"$tool\""
    exit 77
fi

listed=$(mktemp)
trap 'rm -f "$listed"' EXIT
# The warnings of a nightly compiler are not what is asked for here; its errors end this.
echo "$tool" >"$listed"
cargo +nightly --quiet public-api -ss --color=never --target-dir target/api |
    grep -vE '^pub (type nogil::(atomic::Atomic|locked::Locked)::|mod nogil::guide)' >>"$listed"
if [ "${1:-}" = update ]; then
    cp "$listed" "$file"
    echo "$file has $(wc -l <"$file") lines"
elif ! diff -u "$file" "$listed"; then
    echo "broken: the public API is not that of $file, see above; if that is meant, \`ci/api.sh update\`"
    echo "(listed with $(rustc +nightly --version))"
    exit 1
else
    echo "the public API is that of $file"
fi
