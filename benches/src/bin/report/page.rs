//! The page of tables.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use crate::results::{Cell, geometric_mean, primitives};

fn said_by(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    output.map_or("unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
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

/// The page; `note` is what a person has to say about the run, from `benches/NOTE.md`.
pub fn write(cells: &[Cell], root: &Path) -> String {
    let mut page = String::new();
    let note = fs::read_to_string(root.join("benches/NOTE.md")).unwrap_or_default();
    let ratios = || cells.iter().filter_map(Cell::ratio);
    let behind = || cells.iter().filter(|cell| cell.ratio().is_some_and(|ratio| ratio > 1.0));
    let count = ratios().count();
    writeln!(
        page,
        "# Benchmarks\n\n\
         Written by `cargo bench-report` from the results of `cargo measure`; the plots are in `docs/benchmarks`.\n\n\
         | | |\n|---|---|\n| machine | {} |\n| compiler | {} |\n| commit | {} |\n| date | {} |\n\n\
         A cell is one workload for all. A figure is the median time per operation in nanoseconds, and after the stroke the processor time, \
         user and system, that all threads together took for it. The ratio is our default engine (atomic where there is one) over the best peer; \
         below 1 we are ahead. One operation is what `benches/NAME.rs` says; for a queue it is one item, put and got. \
         `floor` is no peer: it does less, and is what cannot be beaten.\n\n\
         {note}\n\
         **Of {count} cells with a peer we are ahead in {}; the geometric mean of the ratios is {}.** \
         (Processor time: {}.)\n",
        machine(),
        said_by("rustc", &["--version"], root),
        said_by("git", &["rev-parse", "--short", "HEAD"], root),
        said_by("date", &["-u", "+%Y-%m-%d %H:%M UTC"], root),
        ratios().filter(|ratio| *ratio <= 1.0).count(),
        number(geometric_mean(ratios())),
        number(geometric_mean(cells.iter().filter_map(Cell::cpu_ratio))),
    )
    .unwrap();

    writeln!(
        page,
        "## Where a peer is ahead\n\n| cell | ratio | ours | best peer | processor time, ratio |\n|---|---|---|---|---|"
    )
    .unwrap();
    let mut sorted: Vec<_> = behind().collect();
    sorted.sort_by(|a, b| b.ratio().unwrap().total_cmp(&a.ratio().unwrap()));
    for cell in sorted {
        let (peer, time) = cell.best_peer().unwrap();
        let (ratio, cpu) = (number(cell.ratio().unwrap()), number(cell.cpu_ratio().unwrap()));
        let ours = number(cell.ours().unwrap().wall);
        writeln!(page, "| {} | {ratio} | {ours} | {peer} {} | {cpu} |", cell.name, number(time.wall)).unwrap();
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
            let ratio = cell.ratio().map_or("".into(), number);
            write!(page, "| {} | {ratio} |", cell.name.strip_prefix(primitive).unwrap().trim_start_matches('/'))
                .unwrap();
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
    page
}
