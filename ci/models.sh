#!/usr/bin/env bash
# Runs the models of a program of them: `cargo loom` calls it, with the program and the names, or parts of names, that it was given.
#
# Each model runs in a process of its own, as many at a time as there are processors, and for half an hour at most: one that fails,
# or never ends, costs the others nothing. One line per model, what the failed ones said, and a table in Markdown.
set -euo pipefail

program=$1
shift
export program LIMIT="${NOGIL_MODEL_SECONDS:-1800}" RUST_BACKTRACE="${RUST_BACKTRACE:-0}"
case " $* " in *" --"*) exec "$program" "$@" ;; esac

# one MODEL FOLDER: a line `status model seconds executions`, and a file of what it said if it failed. To pass, it must have tried an order at least.
one() {
    local begin=$EPOCHREALTIME status=0 said executions
    said=$(timeout "$LIMIT" "$program" --exact "$1" --show-output --test-threads 1 2>&1) || status=$?
    executions=$(awk 'match($0, /: [0-9]+ executions in /) { sum += substr($0, RSTART + 2) } END { print sum + 0 }' <<<"$said")
    [ "$status" != 0 ] || [ "$executions" != 0 ] || status=none
    [ "$status" = 0 ] || printf '%s\n' "$said" >"$2/${1//:/_}"
    awk -v status="$status" -v model="$1" -v begin="$begin" -v end="$EPOCHREALTIME" -v executions="$executions" \
        'BEGIN { printf "%s\t%s\t%.2f\t%d\n", status, model, end - begin, executions }'
}
export -f one

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" --list "$@" | sed -n 's/: test$//p' |
    xargs -r -P "$(nproc)" -I{} bash -c 'one "$1" "$2"' - {} "$folder" |
    tee "$folder/all" |
    awk -F '\t' '{ printf "%-8s %-70s %8.2f s %9d executions\n", $1 == "0" ? "ok" : $1 == "124" ? "NO END" : $1 == "none" ? "EMPTY" : "FAILED", $2, $3, $4; fflush() }'

if [ ! -s "$folder/all" ]; then
    echo "no model ran: none has such a name, or RUSTFLAGS took the place of the flags of \`cargo loom\`" >&2
    exit 1
fi

# Which wing and which primitive a model is of. The queues' say by their last part which queue they are of.
awk -F '\t' '
    BEGIN {
        name["acquire_all"] = "acquire_all"; name["barrier"] = "Barrier"; name["condition"] = "Condition"; name["counter"] = "Counter"
        name["event"] = "Event"; name["lock"] = "Lock"; name["rlock"] = "RLock"; name["semaphore"] = "Semaphore"
        name["simple_queue"] = "SimpleQueue"; name["timer"] = "Timer"; name["stripes"] = "ShardedCounter"
        name["locked_lifo"] = name["stack"] = name["collector"] = "LifoQueue"; name["locked_priority"] = "PriorityQueue"
    }
    {
        parts = split($2, part, "::"); last = part[parts]; key = part[1]
        if (key == "counter" && last ~ /^stripes/) key = "stripes"
        primitive = key == "queue" ? (last in name ? name[last] : "Queue") : key in name ? name[key] : key
        cell = primitive SUBSEP (last ~ /^locked/ ? "locked" : "atomic")
        seen[primitive]; models[cell]++; executions[cell] += $4; seconds[cell] += $3
        if ($3 >= longest[cell]) { longest[cell] = $3; which[cell] = $2 }
        all++; sum += $4; took += $3
        if ($1 != "0") failed++
    }
    function show(primitive, wing,    cell) {
        cell = primitive SUBSEP wing
        if (cell in models)
            return sprintf("%d | %d | %.1f s | `%s`, %.1f s", models[cell], executions[cell], seconds[cell], which[cell], longest[cell])
        return "none | none | none | it has no engine in this wing"
    }
    END {
        print "\n| primitive | wing | models | executions | took | longest |\n|---|---|---|---|---|---|"
        for (primitive in seen) {
            print "| " primitive " | locked | " show(primitive, "locked") " |" | "sort"
            print "| " primitive " | atomic | " show(primitive, "atomic") " |" | "sort"
        }
        close("sort")
        printf "\n%d models, %d executions, %.0f s; %d failed\n", all, sum, took, failed
        exit failed > 0
    }' "$folder/all" || {
    tail -n 40 "$folder"/[a-z]*__* >&2
    exit 1
}
