//! Reads what `cargo measure` left, and writes `BENCHMARKS.md` and its plots at the root of the repository.

mod page;
mod plot;
mod results;

use std::fs;
use std::path::Path;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut cells = results::read(&nogil_benches::results());
    let mut on_one_cpu = results::read(&nogil_benches::results_on_one_cpu());
    if cells.is_empty() {
        // A machine of one processor has no others.
        cells = std::mem::take(&mut on_one_cpu);
    }
    assert!(!cells.is_empty(), "no results: run the benchmarks first");
    let plots = root.join("docs/benchmarks");
    fs::create_dir_all(&plots).unwrap();
    for primitive in results::primitives(&cells) {
        plot::primitive(&plots.join(format!("{primitive}.svg")), primitive, &cells);
    }
    plot::lines(&plots.join("by-threads.svg"), "ns per operation, by threads", &results::by_threads(&cells));
    plot::lines(&plots.join("by-length.svg"), "ns per operation, by items queued", &results::by_length(&cells));
    fs::write(root.join("BENCHMARKS.md"), page::write(&cells, &on_one_cpu, root)).unwrap();
    println!("{} cells in BENCHMARKS.md", cells.len());
}
