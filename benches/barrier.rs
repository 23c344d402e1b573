//! The barrier. One operation is one meeting of all.

use nogil::{Atomic, Locked, Wing, generic};
use nogil_benches::{Bench, Job, together};

trait Barrier: Sync {
    fn open(parties: usize) -> Self;
    fn meet(&self);
}

impl<W: Wing> Barrier for generic::Barrier<W> {
    fn open(parties: usize) -> Self {
        Self::new_in(W::default(), parties)
    }
    fn meet(&self) {
        self.wait().unwrap();
    }
}

impl Barrier for std::sync::Barrier {
    fn open(parties: usize) -> Self {
        Self::new(parties)
    }
    fn meet(&self) {
        self.wait();
    }
}

fn run<B: Barrier>(bench: &mut Bench, contender: &str, parties: usize) {
    let barrier = &B::open(parties);
    bench.run(contender, &format!("barrier/{parties}-threads"), |operations| {
        let job = |_| Box::new(move || (0..operations).for_each(|_| barrier.meet())) as Job;
        together((0..parties).map(job).collect())
    });
}

fn main() {
    let mut bench = Bench::new();
    for parties in [2, 8] {
        run::<generic::Barrier<Atomic>>(&mut bench, "atomic", parties);
        run::<std::sync::Barrier>(&mut bench, "peer-std", parties);
        run::<generic::Barrier<Locked>>(&mut bench, "locked", parties);
    }
    bench.finish();
}
