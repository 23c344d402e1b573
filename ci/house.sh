#!/usr/bin/env bash
# The rules of the house that a grep can check; ARCHITECTURE.md says why they are.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
# `forbid` sets it at the end of a pipe, which would be a shell of its own otherwise.
shopt -s lastpipe

broken() {
    printf 'broken: %s\n' "$1"
    failed=1
}

# The lines of the files below the given paths, as `file:line:text`, and those of them that are no comment. What was built is none of them. A path
# that is not there ends the script.
lines() { find "$@" -name target -prune -o -name '*.rs' -print0 | xargs -0 -r awk '{ print FILENAME ":" FNR ":" $0 }'; }
code() { find "$@" -name target -prune -o -name '*.rs' -print0 | xargs -0 -r awk '!/^[[:space:]]*\/\// { print FILENAME ":" FNR ":" $0 }'; }

# forbid RULE PATTERN: no line on standard input may match, and there must be lines: where nothing is looked at, nothing is kept.
forbid() {
    local text found status=0
    text=$(cat)
    [ -n "$text" ] || { broken "no line was looked at for this: $1"; return 0; }
    found=$(grep -E "$2" <<<"$text") || status=$?
    case $status in
        0) broken "$1"; printf '%s\n\n' "$found" ;;
        1) ;;
        *) broken "grep could not look for this: $1" ;;
    esac
}

# knows RULE MODULES: of this crate, a line on standard input may name these modules alone. (What is allowed loses its `crate::`, and any other shows.)
knows() { sed -E "s/crate::($2)([^A-Za-z0-9_]|\$)/\1\2/g" | forbid "$1" '\bcrate::'; }

elsewhere() { grep -v '^src/primitive/' || true; }
# A wing's own mod.rs has the aliases of the facades as well.
engines() { grep -v '^src/[a-z]*/mod\.rs:' || true; }

code src | elsewhere | forbid "only src/primitive names std::sync, std::thread, loom or shuttle; each module of std is imported by itself, so that this shows" \
    '\b(std|core)(::(sync\b|thread\b|\{|\*)| as )|\balloc::sync\b|\b(nogil_)?(loom|shuttle)\b'
code src | elsewhere | forbid "another module is named from the root of the crate, so that the next rules see it" \
    '\bsuper::(super::)*(\{.*)?\b(aliases|atomic|deadline|engine|error|generic|locked|no_way_back|park|payload|primitive)\b'
code src/primitive | knows "the seam knows nothing of this crate" 'primitive'
code src/deadline.rs src/error.rs src/no_way_back.rs src/payload.rs | knows "the vocabulary knows only the seam" 'primitive'
# The macro that expands something for each wing names them.
code src/engine.rs | { grep -vF '$constructors!(' || true; } |
    knows "the contract knows only the seam and the vocabulary" 'primitive|deadline|error|no_way_back|payload'
code src/park | knows "park knows no primitive" 'primitive|deadline|no_way_back'
code src/locked | engines | knows "an engine of the locked wing knows neither the other wing nor a facade" 'primitive|deadline|error|no_way_back|payload|engine|locked'
code src/atomic | engines | knows "an engine of the atomic wing knows neither the other wing nor a facade" 'primitive|deadline|error|no_way_back|payload|engine|park|atomic'
code src/locked/mod.rs | forbid "the wings do not import each other" 'crate::(\{.*)?\b(atomic|park)\b'
code src/atomic/mod.rs | forbid "the wings do not import each other" 'crate::(\{.*)?\blocked\b'
code src/locked | forbid "the locked wing is safe code" '\bunsafe\b'
lines src tests examples benches | forbid "nothing is left to do" '\b(todo|unimplemented)!|FIXME|XXX'
code tests src | forbid "no test is ignored" '#\[ignore'

# Each ordering in the atomic wing says which edge it serves, or why it needs none: a comment on its line or within the six above. An import
# needs none, nor does a test, which ends its file. (No `\<` and no `\b`: not every awk has them.)
modules=$(find src/atomic src/park -name '*.rs')
orderings=$(awk '
    FNR == 1 { last = -100; import = 0 }
    /\/\// { last = FNR }
    /^[[:space:]]*\/\// { next }
    /^[[:space:]]*(pub(\([a-z]+\))? )?use / { import = 1 }
    import { import = !/;/; next }
    /^mod tests / { nextfile }
    /(^|[^A-Za-z0-9_])(Acquire|Release|AcqRel|SeqCst|Relaxed)([^A-Za-z0-9_]|$)/ {
        looked++
        if (FNR - last > 6) print FILENAME ":" FNR ": " $0
    }
    END { if (!looked) print "there is none" }' $modules </dev/null)
[ -z "$orderings" ] || { broken "every ordering has its reason beside it"; printf '%s\n\n' "$orderings"; }

# Every label of an edge that a comment cites stands in one table, of the file that the edge belongs to; and an operation cites each label of a table.
edges=$(cat $modules | grep -oE '\b[A-Z][0-9]+\b' | sort -u) || true
[ -n "$edges" ] || broken "no edge is named in src/atomic and src/park"
cited=$(cat $modules | grep -v '^//!' | grep -oE '\b[A-Z][0-9]+\b' | sort -u) || true
for edge in $edges; do
    tables=$(cat $modules | grep -cE "^//! \| $edge ") || true
    [ "$tables" = 1 ] || broken "the edge $edge stands in $tables tables"
    grep -qx "$edge" <<<"$cited" || broken "no operation cites the edge $edge"
done

# Each edge names models that exist, as `file::model`: a function of that name in tests/loom/file.rs, or in a file of that folder.
rows=0
while read -r edge models; do
    rows=$((rows + 1))
    [ -n "$models" ] || broken "the edge $edge names no model"
    for model in $models; do
        file=tests/loom/${model%%::*}
        found=$(find "$file" "$file.rs" -name '*.rs' 2>/dev/null | xargs -r grep -lE "\bfn ${model##*::}[(<]") || true
        [ -n "$found" ] || broken "the edge $edge names $model, which is no model"
    done
done < <(awk -F '|' '/^\/\/! \| [A-Z][0-9]+ / { gsub(/[`, ]+/, " ", $(NF - 1)); print $2 $(NF - 1) }' $modules </dev/null)
[ "$rows" = "$(wc -w <<<"$edges")" ] || broken "$(wc -w <<<"$edges") edges are named, and the tables have $rows"

[ "$failed" = 0 ] && echo "the house is in order"
exit "$failed"
