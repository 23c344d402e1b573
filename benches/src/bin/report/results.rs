//! Criterion's estimates and our processor times, as cells.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nogil_benches::{Pass, median};
use serde_json::Value;

/// What one contender took for one operation, in nanoseconds: the medians of some runs.
#[derive(Clone)]
pub struct Time {
    pub wall: f64,
    pub cpu: f64,
    /// The runs, the first first.
    pub passes: Vec<Pass>,
}

impl Time {
    fn of(passes: Vec<Pass>) -> Self {
        Self {
            wall: median(passes.iter().map(|pass| pass.wall)),
            cpu: median(passes.iter().map(|pass| pass.cpu)),
            passes,
        }
    }
}

/// The contenders of one workload, by name.
pub struct Cell {
    pub name: String,
    pub times: BTreeMap<String, Time>,
}

impl Cell {
    pub fn primitive(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// The default engine: the atomic one where there is one.
    pub fn ours(&self) -> Option<&Time> {
        self.times.get("atomic").or_else(|| self.times.get("locked"))
    }

    pub fn best_peer(&self) -> Option<(&str, &Time)> {
        let peers = self.times.iter().filter_map(|(name, time)| Some((name.strip_prefix("peer-")?, time)));
        peers.min_by(|a, b| a.1.wall.total_cmp(&b.1.wall))
    }

    /// Whether a peer is a crate, or std. The textbook's primitives are written for this comparison, as most programs write them.
    pub fn has_crate(&self) -> bool {
        self.times.keys().any(|name| name.starts_with("peer-") && name != "peer-textbook")
    }

    /// Our time over the best peer's.
    pub fn ratio(&self) -> Option<f64> {
        Some(self.ours()?.wall / self.best_peer()?.1.wall)
    }

    /// The same in each run, over whoever was best in it: the least, and the greatest.
    pub fn ratios(&self) -> Option<(f64, f64)> {
        let ours = self.ours()?.passes.iter().enumerate();
        let peers: Vec<_> =
            self.times.iter().filter(|(name, _)| name.starts_with("peer-")).map(|peer| peer.1).collect();
        let best = |run: usize| peers.iter().map(|time| time.passes[run].wall).reduce(f64::min);
        let mut ratios = ours.filter_map(|(run, ours)| Some(ours.wall / best(run)?));
        let first = ratios.next()?;
        Some(ratios.fold((first, first), |(least, greatest), ratio| (ratio.min(least), ratio.max(greatest))))
    }

    /// The time of our lock-based engine over that of the textbook's.
    pub fn locked_ratio(&self) -> Option<f64> {
        Some(self.times.get("locked")?.wall / self.times.get("peer-textbook")?.wall)
    }

    /// Our processor time over the best peer's in this cell, whoever that is.
    pub fn cpu_ratio(&self) -> Option<f64> {
        Some(self.ours()?.cpu / self.best_peer()?.1.cpu)
    }
}

/// Every result below `folder`, in the order of their names, where numbers count as numbers.
pub fn read(folder: &Path) -> Vec<Cell> {
    let mut cells = BTreeMap::<_, (String, BTreeMap<String, Vec<Pass>>)>::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let folder = entry.unwrap().path().join("time");
        let Ok(benchmark) = fs::read_to_string(folder.join("new/benchmark.json")) else { continue };
        let benchmark: Value = serde_json::from_str(&benchmark).unwrap();
        let (contender, name) = benchmark["group_id"].as_str().unwrap().split_once('/').unwrap();
        let (_, passes) = cells.entry(key(name)).or_insert_with(|| (name.into(), BTreeMap::new()));
        passes.insert(contender.into(), Pass::read(&folder));
    }
    cells.into_values().filter_map(|(name, passes)| Some(Cell { name, times: of_alike_runs(&passes)? })).collect()
}

/// The times in those runs that can be compared: with as many contenders as any has, and of one commit in one mode, the last that was measured so. A
/// run of some contenders alone says nothing about the others.
fn of_alike_runs(passes: &BTreeMap<String, Vec<Pass>>) -> Option<BTreeMap<String, Time>> {
    let mut runs = BTreeMap::<_, Vec<_>>::new();
    for (contender, passes) in passes {
        for pass in passes {
            runs.entry(&pass.run).or_default().push((contender, pass));
        }
    }
    // A run is named by when it was: of those with most contenders the last.
    let model = runs.values().max_by_key(|run| run.len())?;
    let what = |run: &[(&String, &Pass)]| -> Vec<_> {
        run.iter().map(|(who, pass)| [who.to_string(), pass.commit.clone(), pass.mode.clone()]).collect()
    };
    let mut alike = BTreeMap::<String, Vec<_>>::new();
    for (contender, pass) in runs.values().filter(|run| what(run) == what(model)).flatten() {
        alike.entry(contender.to_string()).or_default().push(Pass::clone(pass));
    }
    Some(alike.into_iter().map(|(contender, passes)| (contender, Time::of(passes))).collect())
}

/// Orders `2-threads` before `16-threads`.
fn key(name: &str) -> Vec<(u64, String)> {
    let number = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    name.split('/').map(|part| (number(part), part.into())).collect()
}

pub fn primitives(cells: &[Cell]) -> Vec<&str> {
    let mut names: Vec<_> = cells.iter().map(Cell::primitive).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Named lines of points.
pub type Lines = BTreeMap<String, Vec<(f64, f64)>>;

/// The cells that differ in one number, which `x` finds in the part of a cell's name; a line per contender of ours.
fn lines(cells: &[Cell], x: impl Fn(&str) -> Option<f64>) -> Lines {
    let mut lines = Lines::new();
    for cell in cells {
        let Some((at, x)) = cell.name.split('/').enumerate().find_map(|(at, part)| Some((at, x(part)?))) else {
            continue;
        };
        let rest: Vec<_> = cell.name.split('/').enumerate().filter(|part| part.0 != at).map(|part| part.1).collect();
        for (contender, time) in &cell.times {
            lines.entry(format!("{} {contender}", rest.join("/"))).or_default().push((x, time.wall));
        }
    }
    lines.retain(|_, points| points.len() > 1);
    for points in lines.values_mut() {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    lines
}

/// The cost by the number of threads.
pub fn by_threads(cells: &[Cell]) -> Lines {
    let mut lines = lines(cells, |part| part.strip_suffix("-threads")?.parse().ok());
    lines.retain(|name, _| !name.starts_with("semaphore") && !name.starts_with("barrier"));
    lines
}

/// The cost by the number of items queued.
pub fn by_length(cells: &[Cell]) -> Lines {
    let mut lines = lines(cells, |part| part.strip_prefix("queued-")?.parse().ok());
    lines.retain(|name, _| !name.contains("peer-") || name.contains("crossbeam") || name.contains("textbook"));
    lines
}

/// The geometric mean, of one at least.
pub fn geometric_mean(ratios: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = ratios.fold((0.0, 0), |(sum, count), ratio| (sum + ratio.ln(), count + 1));
    (count > 0).then(|| (sum / f64::from(count)).exp())
}
