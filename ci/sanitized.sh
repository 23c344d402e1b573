#!/usr/bin/env bash
# Was a sanitizer compiled in? ci/asan.sh and ci/tsan.sh ask, with what cargo says of a build on standard input, and a symbol that only the sanitizer's
# library has. Tests that were built without it would pass as well.
set -euo pipefail

programs=$(sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
if [ -z "$programs" ]; then
    echo "broken: no program was built" >&2
    exit 1
fi
while read -r program; do
    grep -qF "$1" "$program" || { echo "broken: $program has no $1, so it was built without the sanitizer" >&2; exit 1; }
done <<<"$programs"
