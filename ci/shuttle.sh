#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")/.."

# Programs of four to eight threads, and loom's models, in orders of steps that are drawn: so many evenly, and as many by priorities.
NOGIL_SCHEDULES="${NOGIL_SCHEDULES:-1000}" cargo shuttle
