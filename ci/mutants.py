#!/usr/bin/env python3
"""Does the suite bite? Makes each mistake of ci/mutations.tsv and runs what must then fail.

All mistakes are built at once, into a copy of the sources in which each is a branch that the variable MUTANT chooses; so one build
serves them all. A mistake is looked for by models, each in a process of its own, up to one preemption and then up to two, or by the tests that its line
names. One line per mistake:

    caught      by the first that failed, or that did not end though it ends without the mistake
    equivalent  nothing failed, and the line says why it is no mistake
    unseen      nothing failed, and the line says why nothing here can see it
    survived    nothing failed
    undecided   nothing failed, but the time was up before each of its models had ended

and at the end a table in Markdown, for docs/mutations.md. With an argument, only the mistakes whose line contains it, or
those of these numbers. Fails if any survived or stayed undecided, or was caught though its line says that it cannot be; if there is no such mistake; and
if a check fails without a mistake.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOUNDS = [int(bound) for bound in os.environ.get("NOGIL_MUTANT_BOUNDS", "1 2").split()]
# Seconds for the models of one mistake, at each bound.
BUDGET = int(os.environ.get("NOGIL_MUTANT_SECONDS", "600"))
# Bytes for each program: some mistakes make a model grow without end.
MEMORY = 4 << 30

SWITCH = """
/// Whether this mistake is to be made.
pub(crate) fn mutant(number: u32) -> bool {
    static CHOSEN: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *CHOSEN.get_or_init(|| std::env::var("MUTANT").map_or(0, |number| number.parse().unwrap())) == number
}
"""


class Mistake:
    """A line of the list."""

    def __init__(self, number, line):
        self.number = number
        self.file, which, self.right, self.wrong, self.checks, *why = line.split("\t")
        self.which = int(which)
        self.why = why[0] if why else ""
        self.line = line

    def __str__(self):
        wrong = "is left out" if self.wrong == "-" else f"becomes `{self.wrong}`"
        return f"`{self.right}`{f' ({self.which})' if self.which > 1 else ''} {wrong}"

    def place(self, text):
        """Where the right and the wrong text differ, in whole tokens: start, end, and what stands there for this mistake."""
        start, right, wrong = -1, self.right, self.wrong
        for _ in range(self.which):
            start = text.find(right, start + 1)
            if start < 0:
                sys.exit(f"stale: {self.file} has no {right!r}, {self.which} times")
        right = re.sub(r"; //.*", ";", right)
        if wrong == "-" or "MUTANT" in wrong or not right.strip().endswith(";") and ";" in wrong:
            return start, start + len(right), wrong
        a, b = (re.findall(r"\w+|\W", part) for part in (right, wrong))
        head = 0
        while head < min(len(a), len(b)) - 1 and a[head] == b[head]:
            head += 1
        tail = 0
        while tail < min(len(a), len(b)) - head - 1 and a[-1 - tail] == b[-1 - tail]:
            tail += 1
        is_method = head > 0 and a[head - 1] == "."
        if not is_method and all(re.fullmatch(r"\w+", "".join(side[head : len(side) - tail])) for side in (a, b)):
            start += len("".join(a[:head]))
            return start, start + len("".join(a[head : len(a) - tail])), "".join(b[head : len(b) - tail])
        return start, start + len(right), wrong


def mistakes():
    """All of the list, numbered from one."""
    lines = (ROOT / "ci/mutations.tsv").read_text().splitlines()
    return [Mistake(n, line) for n, line in enumerate((line for line in lines if not line.startswith("#")), 1)]


def with_mistakes(text, places, offset=0):
    """The text with every mistake in it as a branch. `places`: (start, end) to [(number, wrong text)]; they may nest."""
    outer = [p for p in places if not any(q != p and q[0] <= p[0] and p[1] <= q[1] for q in places)]
    for start, end in sorted(outer, reverse=True):
        inner = {p: wrongs for p, wrongs in places.items() if p != (start, end) and start <= p[0] and p[1] <= end}
        right = with_mistakes(text[start - offset : end - offset], inner, start)
        wrongs = places[start, end]
        literal = [(n, wrong) for n, wrong in wrongs if "MUTANT" in wrong]
        if literal:
            (n, choice), = wrongs
            choice = choice.replace("MUTANT", f"crate::mutant({n})")
        else:
            choice = "".join(f"if crate::mutant({n}) {{ {'' if wrong == '-' else wrong} }} else " for n, wrong in wrongs) + f"{{ {right} }}"
            choice = choice if right.rstrip().endswith(";") else f"({choice})"
        text = text[: start - offset] + choice + text[end - offset :]
    return text


def build(tree, rows):
    """Writes the sources with all mistakes in them, and builds the models and the tests that the list names. Answers the paths of the programs."""
    for name in (".cargo", "src", "tests", "examples", "ci"):
        shutil.copytree(ROOT / name, tree / name)
    for name in ("Cargo.toml", "Cargo.lock", "README.md"):
        shutil.copy(ROOT / name, tree / name)
    for file in {row.file for row in rows}:
        text, places = (ROOT / file).read_text(), {}
        for row in (row for row in rows if row.file == file):
            start, end, wrong = row.place(text)
            wrong = re.sub(r"\b(Relaxed|Acquire|Release)\b", r"crate::primitive::atomic::Ordering::\1", wrong)
            places.setdefault((start, end), []).append((row.number, wrong))
        (tree / file).write_text(with_mistakes(text, places))
    with open(tree / "src/lib.rs", "a") as lib:
        lib.write(SWITCH)
    # Apart from what the sources themselves were built into: cargo would take these programs for theirs.
    target = ROOT / "target" / "mutants"
    target.mkdir(parents=True, exist_ok=True)
    (tree / "target").symlink_to(target)
    programs = {}
    tests = {row.checks.split()[0].removeprefix("test:") for row in rows if row.checks.startswith("test:")}
    for test in {"loom"} | tests:
        # The tests beside the code are those of the library.
        command = {"loom": ["loom"], "lib": ["test", "--lib"]}.get(test, ["test", "--test", test])
        done = subprocess.run(["cargo", *command, "--no-run"], cwd=tree, text=True, capture_output=True)
        found = re.findall(r"Executable .*\((.*)\)", done.stderr)
        if done.returncode or not found:
            sys.exit(done.stderr)
        # A copy: another build of the sources takes the place of this one.
        programs[test] = shutil.copy(tree / found[-1], tree / test)
    return programs


def run(program, name, mutant, limit, bound=None):
    """Runs one model, or the tests of that name. Answers whether it passed, what it said, and how long it took; and `None` if it did not end."""
    env = os.environ | {"MUTANT": str(mutant), "RUST_BACKTRACE": "0"}
    exact = []
    if bound is not None:
        env["LOOM_MAX_PREEMPTIONS"] = str(bound)
        exact = ["--exact"]
    begin = time.time()
    try:
        done = subprocess.run([program, name, *exact, "--test-threads", "1"], env=env, text=True, errors="replace", capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, "", limit
    return done.returncode == 0, done.stdout + done.stderr, time.time() - begin


class Models:
    """The models, and how long each takes without a mistake."""

    def __init__(self, program):
        self.program = program
        listed = subprocess.run([program, "--list"], text=True, capture_output=True, check=True).stdout
        self.all = re.findall(r"(.*): test$", listed, re.M)
        self.took = {}

    def of(self, row):
        """Those that the line names, of the wing that the file belongs to."""
        named = [m for m in self.all if any(part in m for part in row.checks.split())]
        locked = row.file.startswith("src/locked/")
        return [m for m in named if m.split("::")[-1].startswith("locked") == locked]

    def usual(self, model, bound):
        if (model, bound) not in self.took:
            passed, said, took = run(self.program, model, 0, BUDGET, bound)
            if passed is False:
                sys.exit(f"{model} fails without a mistake:\n{said}")
            self.took[model, bound] = BUDGET if passed is None else took
        return self.took[model, bound]


def without_a_mistake(programs, rows):
    """Runs the tests that the lines name as they are. One that fails anyhow would catch every mistake."""
    for checks in sorted({row.checks for row in rows if row.checks.startswith("test:")}):
        test, name = tests_of(checks)
        passed, said, _ = run(programs[test], name, 0, BUDGET)
        if not passed:
            sys.exit(f"{test} {name} {'does not end' if passed is None else 'fails'} without a mistake:\n{said}")
        if re.search(r"^running 0 tests$", said, re.M):
            sys.exit(f"no test of {test} is called like {name!r}")


def tests_of(checks):
    """The program, and the name, or part of names, of what a line names that is no model."""
    return checks.removeprefix("test:").split(" ", 1)


def verdict(programs, models, row):
    if row.checks.startswith("test:"):
        test, name = tests_of(row.checks)
        passed, said, _ = run(programs[test], name, row.number, BUDGET)
        failed = re.search(r"test (.*) \.\.\. FAILED", said)
        how = "does not end" if passed is None else failed.group(1) if failed else "an abort"
        return ("survived", f"{test} {name}") if passed else ("caught", f"`{test}`: `{how}`")
    chosen = models.of(row)
    if not chosen:
        sys.exit(f"no model is called like {row.checks!r}")
    # What is said to be no mistake would take the longest to be looked for in vain.
    for bound in BOUNDS[:1] if row.why else BOUNDS:
        spent, unfinished = 0, 0
        for model in sorted(chosen, key=lambda model: models.took.get((model, 1), 0)):
            left = BUDGET - spent
            if left <= 0:
                unfinished += 1
                continue
            enough = 20 + 10 * models.usual(model, bound)
            passed, said, took = run(models.program, model, row.number, min(left, enough), bound)
            spent += took
            if passed is None and enough < left:
                return "caught", f"`{model}` at {bound}, which does not end"
            if passed is None:
                unfinished += 1
            if passed is False:
                said = re.search(r"panicked at [^\n]*\n([^\n]*)", said)
                said = said.group(1)[:90].replace("|", "/") if said else "an abort"
                return "caught", f"`{model}` at {bound}: {said}"
    if unfinished:
        return "undecided", f"{unfinished} of {len(chosen)} models not run to their end, at {bound}, in {BUDGET} s (NOGIL_MUTANT_SECONDS)"
    return "survived", f"{len(chosen)} models"


def main():
    rows = mistakes()
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    numbers = {int(number) for number in re.findall(r"\d+", wanted)} if re.fullmatch(r"[\d,]+", wanted) else set()
    chosen = [row for row in rows if row.number in numbers or not numbers and wanted in row.line]
    if not chosen:
        sys.exit(f"no line of ci/mutations.tsv contains {wanted!r}" if not numbers else f"ci/mutations.tsv ends with {rows[-1].number}")
    begin, found = time.time(), []
    with tempfile.TemporaryDirectory() as tree:
        programs = build(Path(tree), rows)
        print(f"built in {time.time() - begin:.0f} s", flush=True)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        models = Models(programs["loom"])
        without_a_mistake(programs, chosen)
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            for row, (kind, how) in zip(chosen, workers.map(lambda row: verdict(programs, models, row), chosen)):
                if row.why and kind != "undecided":
                    said = "unseen" if row.why.startswith("unseen: ") else "equivalent"
                    kind, how = (said, row.why.removeprefix("unseen: ")) if kind == "survived" else ("wrong", f"said to be {said}, but {how}")
                found.append((row, kind, how))
                print(f"{kind}\t{row.number}\t{row.file}\t{row}\t{how}", flush=True)
    print("\n| in | mistake | | by |\n|---|---|---|---|")
    for row, kind, how in found:
        print(f"| `{row.file.removeprefix('src/')}` | {str(row).replace('|', chr(92) + '|')} | {kind} | {how.replace('||', chr(92) + '|' + chr(92) + '|')} |")
    kinds = [kind for _, kind, _ in found]
    print(f"\n{len(found)} mistakes: {', '.join(f'{kinds.count(kind)} {kind}' for kind in sorted(set(kinds)))}, in {time.time() - begin:.0f} s")
    sys.exit(not {"survived", "wrong", "undecided"}.isdisjoint(kinds))


main()
