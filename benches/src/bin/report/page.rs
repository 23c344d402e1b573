//! The page of tables.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use nogil_benches::{Pass, median};

use crate::results::{Cell, geometric_mean, primitives};

fn said_by(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    output.map_or("unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}

/// What the figures say of themselves, each answer once.
fn each(cells: &[Cell], of: impl Fn(&Pass) -> String) -> BTreeSet<String> {
    cells.iter().flat_map(|cell| cell.times.values()).flat_map(|time| &time.passes).map(of).collect()
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

/// What a person has said about a run. It is in files, of which `NOTE.md` says in its first line which commit was measured, and on what machine: of another run nothing is said.
struct Said {
    note: String,
    found: String,
    reasons: Reasons,
}

impl Said {
    fn about(cells: &[Cell], root: &Path) -> Self {
        let read = |file| fs::read_to_string(root.join("benches").join(file)).unwrap_or_default();
        let commits = Vec::from_iter(each(cells, |pass| pass.commit.clone())).join(", ");
        match read("NOTE.md").split_once('\n') {
            Some((about, note)) if about == format!("About {commits} on {}.", machine()) => Self {
                note: note.trim().into(),
                found: read("FOUND.md"),
                reasons: Reasons::of_lines(&read("REASONS.tsv")),
            },
            _ => Self {
                note: "Nobody has said anything about these runs yet.".into(),
                found: String::new(),
                reasons: Reasons(Vec::new()),
            },
        }
    }
}

/// Why a peer is ahead, as far as that was found out: a pattern with `*` for any text, and the reason.
struct Reasons(Vec<(String, String)>);

impl Reasons {
    fn of_lines(text: &str) -> Self {
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
        let in_the_spread =
            if cell.ratios().is_some_and(|(least, _)| least <= 1.0) { "Within the spread of runs. " } else { "" };
        let why = reasons.of(&cell.name);
        writeln!(page, "| {} | {ratio} | {ours} | {peer} {best} | {cpu} | {in_the_spread}{why} |", cell.name).unwrap();
    }
}

/// In how many cells we are ahead, and by how much.
fn summary(cells: &[Cell]) -> String {
    let of_crates: Vec<_> = cells.iter().filter(|cell| cell.has_crate()).collect();
    let ratios: Vec<_> = of_crates.iter().filter_map(|cell| cell.ratio()).collect();
    let count = |is_so: fn(f64) -> bool| ratios.iter().filter(|ratio| is_so(**ratio)).count();
    let in_runs = |is_so: fn((f64, f64)) -> bool| {
        of_crates.iter().filter_map(|cell| cell.ratios()).filter(|ratios| is_so(*ratios)).count()
    };
    let (Some(mean), Some(mean_cpu)) =
        (geometric_mean(ratios.iter().copied()), geometric_mean(of_crates.iter().filter_map(|cell| cell.cpu_ratio())))
    else {
        return "None of these cells has both our time and that of a crate, or of std.".into();
    };
    let mut summary = format!(
        "**Of {} cells that a crate, or std, has a primitive for we are clearly ahead of the best one in {} (it takes more than one and a half times as long), and clearly behind in {}. \
         In the others we are alike, or nearly: ahead in {}, within a tenth in {} more. The median of the ratios is {}, their geometric mean {}, that of the processor times {}.** \
         In {} of all we are ahead in each run, in {} in none.",
        ratios.len(),
        count(|ratio| ratio < 1.0 / 1.5),
        count(|ratio| ratio > 1.5),
        count(|ratio| (1.0 / 1.5..=1.0).contains(&ratio)),
        count(|ratio| ratio > 1.0 && ratio <= 1.1),
        number(median(ratios.iter().copied())),
        number(mean),
        number(mean_cpu),
        in_runs(|(_, greatest)| greatest <= 1.0),
        in_runs(|(least, _)| least > 1.0),
    );
    if let Some(locked) = geometric_mean(cells.iter().filter_map(Cell::locked_ratio)) {
        write!(summary, " The lock-based engines take {} of the textbook's time (geometric mean).", number(locked))
            .unwrap();
    }
    summary
}

/// What was measured, and when.
fn origin(cells: &[Cell]) -> String {
    let all = |of: fn(&Pass) -> String| Vec::from_iter(each(cells, of)).join(", ");
    let dates = each(cells, |pass| pass.date.clone());
    let runs: BTreeSet<_> = cells.iter().flat_map(|cell| cell.times.values()).map(|time| time.passes.len()).collect();
    format!(
        "| commit | {} |\n| date | {} to {} |\n| runs | {}, {} |",
        all(|pass| pass.commit.clone()),
        dates.first().unwrap(),
        dates.last().unwrap(),
        runs.iter().map(usize::to_string).collect::<Vec<_>>().join(" or "),
        all(|pass| pass.mode.clone()),
    )
}

/// The page.
pub fn write(cells: &[Cell], on_one_cpu: &[Cell], root: &Path) -> String {
    let mut page = String::new();
    let Said { note, found, reasons } = Said::about(cells, root);
    writeln!(
        page,
        "# Benchmarks\n\n\
         Written by `cargo bench-report` from the results of `cargo measure`; the plots are in `docs/benchmarks`.\n\n\
         | | |\n|---|---|\n| machine | {} |\n| compiler | {} |\n{}\n\n\
         A cell is one workload for all. A figure is the median of the runs' medians: the time per operation in nanoseconds, and after the slash the processor time, \
         user and system, that all threads together took for it. The ratio is our default engine (atomic where there is one) over the best peer; \
         below 1 we are ahead. In brackets stand the least and the greatest ratio of the runs, each over whoever was best in it. One operation is what `benches/NAME.rs` says; for a queue it is one item, put and got. \
         `floor` is no peer: it does less, and shows what the rest costs.\n\n\
         {note}\n\n\
         {}\n",
        machine(),
        said_by("rustc", &["--version"], root),
        origin(cells),
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
        if let Some(mean) = mean {
            writeln!(page, "\nGeometric mean of the ratios: {}.", number(mean)).unwrap();
        }
    }
    if !found.is_empty() {
        write!(page, "\n## What was found\n\n{found}").unwrap();
    }
    page
}
