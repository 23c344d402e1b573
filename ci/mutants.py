#!/usr/bin/env python3
"""Does the suite bite? Makes each mistake of ci/mutations.tsv and runs the models that must then fail.

All mistakes are built at once, into a copy of the sources in which each is a branch that the variable MUTANT chooses; so one build
serves them all. The models are searched up to one preemption, and if they pass up to two. One line per mistake: `caught` by the first model
that failed, `stuck` if the models did not end within two minutes, which counts as caught, or `survived`. With an argument, only the mistakes
whose line contains it. Fails if any survived.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 120

SWITCH = """
/// Whether this mistake is to be made.
pub(crate) fn mutant(number: u32) -> bool {
    static CHOSEN: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *CHOSEN.get_or_init(|| std::env::var("MUTANT").map_or(0, |number| number.parse().unwrap())) == number
}
"""


def mistakes():
    """(number, file, occurrence, right, wrong, models), numbered from one by the line."""
    lines = (ROOT / "ci/mutations.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(n, f, int(which), right, "" if wrong == "-" else wrong, models)
            for n, (f, which, right, wrong, models) in enumerate(rows, 1)]


def place(text, which, right, wrong):
    """Where the two differ, in whole tokens: start, end, and the wrong text."""
    start = -1
    for _ in range(which):
        start = text.find(right, start + 1)
        if start < 0:
            raise LookupError
    right = re.sub(r"; //.*", ";", right)
    if not wrong or not right.strip().endswith(";") and ";" in wrong:
        return start, start + len(right), wrong
    a, b = (re.findall(r"\w+|\W", part) for part in (right, wrong))
    head = 0
    while head < min(len(a), len(b)) - 1 and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head - 1 and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    if all(re.fullmatch(r"\w+", "".join(side[head : len(side) - tail])) for side in (a, b)):
        start += len("".join(a[:head]))
        return start, start + len("".join(a[head : len(a) - tail])), "".join(b[head : len(b) - tail])
    return start, start + len(right), wrong


def build(tree, rows):
    """Writes the sources with all mistakes in them. Answers the path of the models' program."""
    for name in (".cargo", "src", "tests", "examples"):
        shutil.copytree(ROOT / name, tree / name)
    for name in ("Cargo.toml", "Cargo.lock", "README.md"):
        shutil.copy(ROOT / name, tree / name)
    for file in {row[1] for row in rows}:
        text, branches = (ROOT / file).read_text(), {}
        for n, _, which, right, wrong, _ in (row for row in rows if row[1] == file):
            try:
                start, end, wrong = place(text, which, right, wrong)
            except LookupError:
                sys.exit(f"stale: {file} has no {right!r}, {which} times")
            wrong = re.sub(r"\b(Relaxed|Acquire|Release)\b", r"crate::primitive::atomic::Ordering::\1", wrong)
            branches.setdefault((start, end), []).append((n, wrong))
        for (start, end), wrongs in sorted(branches.items(), reverse=True):
            right = text[start:end]
            if any(not wrong for _, wrong in wrongs):
                choice = f"if !crate::mutant({wrongs[0][0]}) {{ {right} }}"
            else:
                choice = "".join(f"if crate::mutant({n}) {{ {wrong} }} else " for n, wrong in wrongs) + f"{{ {right} }}"
                choice = choice if right.rstrip().endswith(";") else f"({choice})"
            text = text[:start] + choice + text[end:]
        (tree / file).write_text(text)
    with open(tree / "src/lib.rs", "a") as lib:
        lib.write(SWITCH)
    (ROOT / "target").mkdir(exist_ok=True)
    (tree / "target").symlink_to(ROOT / "target")
    # The models themselves are compiled without optimization: what takes time in them is loom.
    quick = ["--config", "profile.release.package.nogil.opt-level=0", "--config", "profile.release.package.nogil.debug=false"]
    done = subprocess.run(["cargo", *quick, "loom", "--no-run"], cwd=tree, text=True, capture_output=True)
    found = re.findall(r"Executable .*\((.*)\)", done.stderr)
    if done.returncode or not found:
        sys.exit(done.stderr)
    return tree / found[-1]


def verdict(program, number, models):
    for bound in (1, 2):
        env = os.environ | {"MUTANT": str(number), "LOOM_MAX_PREEMPTIONS": str(bound), "RUST_BACKTRACE": "0"}
        try:
            done = subprocess.run([program, models, "--test-threads", "2"], env=env, text=True, capture_output=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return "stuck", f"at {bound}"
        if done.returncode:
            said = done.stdout + done.stderr
            failed = re.search(r"thread '([\w:]+)'.*panicked|test ([\w:]+) .*FAILED", said)
            return "caught", f"at {bound} by `{next(filter(None, failed.groups())) if failed else 'an abort'}`"
    return "survived", ""


def main():
    rows = mistakes()
    begin, survived = time.time(), 0
    with tempfile.TemporaryDirectory() as tree:
        program = build(Path(tree), rows)
        print(f"built in {time.time() - begin:.0f} s", flush=True)
        wanted = sys.argv[1] if len(sys.argv) > 1 else ""
        for row in rows:
            number, file, which, right, wrong, models = row
            if wanted not in "\t".join(map(str, row)):
                continue
            kind, how = verdict(program, number, models)
            survived += kind == "survived"
            print(f"{kind}\t{number}\t{file}\t{right}\t{wrong or 'nothing'}\t{how}", flush=True)
    print(f"{survived} survived, in {time.time() - begin:.0f} s")
    sys.exit(survived > 0)


main()
