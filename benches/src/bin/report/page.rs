//! The page of tables.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use crate::results::{Cell, Time, geometric_mean, primitives};

fn said_by(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    output.map_or("unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}

/// What the figures say of themselves, each answer once.
fn each(cells: &[Cell], of: impl Fn(&Time) -> String) -> BTreeSet<String> {
    cells.iter().flat_map(|cell| cell.times.values()).map(of).collect()
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cpus} CPUs, {}", model.map_or("unknown", |model| model.1.trim()), env::consts::OS)
}

fn number(n: f64) -> String {
    match n {
        ..9.995 => format!("{n:.2}"),
        ..99.95 => format!("{n:.1}"),
        _ => format!("{n:.0}"),
    }
}

/// Why a peer is ahead, as far as that was found out: lines of `benches/REASONS.tsv`, a pattern with `*` for any text, and the reason.
struct Reasons(Vec<(String, String)>);

impl Reasons {
    fn read(root: &Path) -> Self {
        let text = fs::read_to_string(root.join("benches/REASONS.tsv")).unwrap_or_default();
        let line = |line: &str| line.split_once('\t').map(|(pattern, reason)| (pattern.into(), reason.into()));
        Self(text.lines().filter_map(line).collect())
    }

    fn of(&self, cell: &str) -> &str {
        let fits = |pattern: &str| {
            let mut parts = pattern.split('*');
            let Some(mut rest) = cell.strip_prefix(parts.next().unwrap_or_default()) else { return false };
            let mut exact = true;
            for part in parts {
                exact = part.is_empty();
                let Some(at) = rest.find(part) else { return false };
                rest = &rest[at + part.len()..];
                exact |= rest.is_empty();
            }
            exact
        };
        self.0.iter().find(|(pattern, _)| fits(pattern)).map_or("not found out yet", |(_, reason)| reason)
    }
}

/// The ratio, and in brackets the least and the greatest of the runs.
fn ratio(cell: &Cell) -> String {
    match (cell.ratio(), cell.ratios()) {
        (Some(ratio), Some((least, greatest))) => {
            format!("{} ({} to {})", number(ratio), number(least), number(greatest))
        }
        _ => String::new(),
    }
}

/// The cells in which a peer is ahead, by how far.
fn write_behind(page: &mut String, cells: &[Cell], reasons: &Reasons) {
    writeln!(page, "| cell | ratio | ours | best peer | processor time, ratio | why |\n|---|---|---|---|---|---|")
        .unwrap();
    let mut behind: Vec<_> = cells.iter().filter(|cell| cell.ratio().is_some_and(|ratio| ratio > 1.0)).collect();
    behind.sort_by(|a, b| b.ratio().unwrap().total_cmp(&a.ratio().unwrap()));
    for cell in behind {
        let (peer, time) = cell.best_peer().unwrap();
        let (ratio, cpu) = (ratio(cell), number(cell.cpu_ratio().unwrap()));
        let (ours, best) = (number(cell.ours().unwrap().wall), number(time.wall));
        writeln!(page, "| {} | {ratio} | {ours} | {peer} {best} | {cpu} | {} |", cell.name, reasons.of(&cell.name))
            .unwrap();
    }
}

/// In how many cells we are ahead, and by how much.
fn summary(cells: &[Cell]) -> String {
    let of_crates = || cells.iter().filter(|cell| cell.has_crate());
    let ratios = || of_crates().filter_map(Cell::ratio);
    let in_runs = |is_ahead: fn((f64, f64)) -> bool| {
        of_crates().filter_map(Cell::ratios).filter(|ratios| is_ahead(*ratios)).count()
    };
    format!(
        "**Of {} cells that a crate, or std, has a primitive for we are ahead of the best one in {}, and within a tenth of it in {} more; the geometric mean of the ratios \
         is {}, of the processor times {}.** In {} of them we are ahead in each run, in {} in none. The lock-based engines take {} of the textbook's time (geometric mean).",
        ratios().count(),
        ratios().filter(|ratio| *ratio <= 1.0).count(),
        ratios().filter(|ratio| *ratio > 1.0 && *ratio <= 1.1).count(),
        number(geometric_mean(ratios())),
        number(geometric_mean(of_crates().filter_map(Cell::cpu_ratio))),
        in_runs(|(_, greatest)| greatest <= 1.0),
        in_runs(|(least, _)| least > 1.0),
        number(geometric_mean(cells.iter().filter_map(Cell::locked_ratio))),
    )
}

/// What was measured, and when.
fn origin(cells: &[Cell]) -> String {
    format!(
        "| commit | {} |\n| date | {} to {} |\n| runs | {} |",
        Vec::from_iter(each(cells, |time| time.commit.clone())).join(", "),
        each(cells, |time| time.first.clone()).first().unwrap(),
        each(cells, |time| time.last.clone()).last().unwrap(),
        Vec::from_iter(each(cells, |time| time.runs.len().to_string())).join(", "),
    )
}

/// The page. What a person has to say about the run is in `benches/NOTE.md`, and what was found on the way to it in `benches/FOUND.md`.
pub fn write(cells: &[Cell], on_one_cpu: &[Cell], root: &Path) -> String {
    let mut page = String::new();
    let said = |file| fs::read_to_string(root.join("benches").join(file)).unwrap_or_default();
    let reasons = Reasons::read(root);
    writeln!(
        page,
        "# Benchmarks\n\n\
         Written by `cargo bench-report` from the results of `cargo measure`; the plots are in `docs/benchmarks`.\n\n\
         | | |\n|---|---|\n| machine | {} |\n| compiler | {} |\n{}\n\n\
         A cell is one workload for all. A figure is the median of the runs' medians: the time per operation in nanoseconds, and after the slash the processor time, \
         user and system, that all threads together took for it. The ratio is our default engine (atomic where there is one) over the best peer; \
         below 1 we are ahead. In brackets stand the least and the greatest ratio of the runs, each over whoever was best in it. One operation is what `benches/NAME.rs` says; for a queue it is one item, put and got. \
         `floor` is no peer: it does less, and is what cannot be beaten.\n\n\
         {}\n\
         {}\n",
        machine(),
        said_by("rustc", &["--version"], root),
        origin(cells),
        said("NOTE.md"),
        summary(cells),
    )
    .unwrap();

    writeln!(page, "## Where a peer is ahead\n").unwrap();
    write_behind(&mut page, cells, &reasons);

    if !on_one_cpu.is_empty() {
        writeln!(
            page,
            "\n## On one processor\n\nThe same, with all threads on one processor (`taskset -c 0 cargo measure`): whoever spins there only keeps the \
             others from running.\n\n| | |\n|---|---|\n{}\n\n{}\n",
            origin(on_one_cpu),
            summary(on_one_cpu)
        )
        .unwrap();
        write_behind(&mut page, on_one_cpu, &reasons);
    }

    writeln!(page, "\n## By threads and by length\n\n![by threads](docs/benchmarks/by-threads.svg)\n\n![by length](docs/benchmarks/by-length.svg)").unwrap();

    for primitive in primitives(cells) {
        let cells: Vec<_> = cells.iter().filter(|cell| cell.primitive() == primitive).collect();
        let mut contenders: Vec<_> = cells.iter().flat_map(|cell| cell.times.keys()).collect();
        contenders.sort_unstable();
        contenders.dedup();
        write!(page, "\n## {primitive}\n\n![{primitive}](docs/benchmarks/{primitive}.svg)\n\n| cell | ratio |")
            .unwrap();
        for contender in &contenders {
            write!(page, " {} |", contender.trim_start_matches("peer-")).unwrap();
        }
        writeln!(page, "\n|---|---|{}", "---|".repeat(contenders.len())).unwrap();
        for cell in &cells {
            let name = cell.name.strip_prefix(primitive).unwrap().trim_start_matches('/');
            write!(page, "| {name} | {} |", ratio(cell)).unwrap();
            for contender in &contenders {
                match cell.times.get(*contender) {
                    Some(time) => write!(page, " {} / {} |", number(time.wall), number(time.cpu)).unwrap(),
                    None => write!(page, " |").unwrap(),
                }
            }
            writeln!(page).unwrap();
        }
        let mean = geometric_mean(cells.iter().filter_map(|cell| cell.ratio()));
        if mean.is_finite() {
            writeln!(page, "\nGeometric mean of the ratios: {}.", number(mean)).unwrap();
        }
    }
    write!(page, "\n## What was found\n\n{}", said("FOUND.md")).unwrap();
    page
}
