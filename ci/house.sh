#!/usr/bin/env bash
# The rules of the house that a grep can check; ARCHITECTURE.md says why they are.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
# `forbid` sets it at the end of a pipe, which would be a shell of its own otherwise.
shopt -s lastpipe

# The code of the files below the given paths, without comments, as `file:line:code`. A path that is not there ends the script.
code() {
    find "$@" -name '*.rs' -print0 | { xargs -0 -r grep -nHvE '^[[:space:]]*//' || true; }
}

# forbid RULE PATTERN: no line on standard input may match.
forbid() {
    local found
    if found=$(grep -E "$2"); then
        printf 'broken: %s\n%s\n\n' "$1" "$found"
        failed=1
    fi
}

elsewhere() { grep -v '^src/primitive/' || true; }

code src | elsewhere | forbid "only src/primitive names std::sync, std::thread, loom or shuttle" \
    '\b(std|core)::(sync|thread)\b|\b(loom|shuttle)\b'
code src/primitive | forbid "the seam knows nothing of this crate" 'crate::(deadline|engine|error|locked|atomic|park|generic)\b'
code src/deadline.rs src/error.rs | forbid "the vocabulary knows only the seam" 'crate::(engine|locked|atomic|park|generic)'
code src/locked | forbid "the locked wing is safe code" '\bunsafe\b'
code src/locked | forbid "the wings do not import each other" 'crate::(atomic|park)\b'
code src/atomic | forbid "the wings do not import each other" 'crate::locked\b'
code src/park | forbid "park knows no primitive" 'crate::(engine|error|locked|atomic|generic)\b'
code src tests examples benches | forbid "nothing is left to do" '\b(todo|unimplemented)!|FIXME|XXX'
code tests src | forbid "no test is ignored" '#\[ignore'

# Each ordering in the atomic wing says which edge it serves, or why it needs none: a comment on its line or within the six above. An import
# needs none. (No `\<` and no `\b`: not every awk has them.)
orderings=$(find src/atomic src/park -name '*.rs' -print0 | xargs -0 -r awk '
    FNR == 1 { last = -100; import = 0 }
    /\/\// { last = FNR }
    /^[[:space:]]*\/\// { next }
    /^[[:space:]]*(pub(\([a-z]+\))? )?use / { import = 1 }
    import { import = !/;/; next }
    /#\[cfg\(.*test/ { nextfile }
    /(^|[^A-Za-z0-9_])(Acquire|Release|AcqRel|SeqCst|Relaxed)([^A-Za-z0-9_]|$)/ && FNR - last > 6 { print FILENAME ":" FNR ": " $0 }')
if [ -n "$orderings" ]; then
    printf 'broken: every ordering has its reason beside it\n%s\n\n' "$orderings"
    failed=1
fi

# Every label of an edge that a comment cites stands in one table, of the file that the edge belongs to.
modules=$(find src/atomic src/park -name '*.rs')
for edge in $(grep -ohE '\b[A-Z][0-9]+\b' $modules | sort -u); do
    tables=$(cat $modules | grep -cE "^//! \| $edge ") || true
    [ "$tables" = 1 ] || { echo "broken: the edge $edge stands in $tables tables"; failed=1; }
done

# Each edge names models that exist, as `file::model`: a function of that name in tests/loom/file.rs, or in a file of that folder.
while read -r edge models; do
    [ -n "$models" ] || { echo "broken: the edge $edge names no model"; failed=1; }
    for model in $models; do
        file=tests/loom/${model%%::*}
        found=$(find "$file" "$file.rs" -name '*.rs' 2>/dev/null | xargs -r grep -lE "\bfn ${model##*::}\b") || true
        [ -n "$found" ] || { echo "broken: the edge $edge names $model, which is no model"; failed=1; }
    done
done < <(awk -F '|' '/^\/\/! \| [A-Z][0-9]+ / { gsub(/[`, ]+/, " ", $(NF - 1)); print $2 $(NF - 1) }' $modules)

[ "$failed" = 0 ] && echo "the house is in order"
exit "$failed"
