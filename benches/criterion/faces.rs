//! gomap's own faces under criterion, operation by operation, in a map that fits the caches and in
//! one that does not.
//!
//! For one line of it: `cargo bench --bench faces -- hit/u64/10000`.

use std::cell::LazyCell;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use gomap::maptype::alg::GoString;
use gomap_bench::faces::{Called, Default, Face, Fast, Raw, Typed};
use gomap_bench::keys::{Key, Keys, Wide};
use gomap_bench::workload::{Op, Workload};

const SIZES: [usize; 2] = [10_000, 1_000_000];

/// One line for each operation and size, named `op/type/size/face`. Maps are made when a line needs
/// them.
fn face<K: Key, F: Face<K>>(criterion: &mut Criterion, ty: &str, name: &str) {
    for size in SIZES {
        let keys = LazyCell::new(|| Keys::<K>::new(size));
        let mut workload = None;
        for op in Op::ALL {
            let mut group = criterion.benchmark_group(format!("{}/{ty}/{size}", op.name()));
            group.bench_function(name, |bencher| {
                let workload = workload.get_or_insert_with(|| Workload::<K, F>::new(&keys));
                bencher.iter_custom(|operations| measure(workload, op, operations))
            });
        }
    }
}

/// The time of `operations`, from whole samples.
fn measure<K: Key, F: Face<K>>(
    workload: &mut Workload<'_, K, F>,
    op: Op,
    operations: u64,
) -> Duration {
    let (mut done, mut ns) = (0, 0);
    while done < operations {
        let sample = workload.measure(op);
        done += sample.ops;
        ns += sample.ns;
    }
    Duration::from_nanos((ns as u128 * operations as u128 / done as u128) as u64)
}

fn faces(criterion: &mut Criterion) {
    face::<u64, Typed<u64>>(criterion, "u64", "typed");
    face::<u64, Raw<u64, Fast>>(criterion, "u64", "fast");
    face::<u64, Raw<u64, Default>>(criterion, "u64", "erased");
    face::<&'static str, Typed<&'static str>>(criterion, "str", "typed");
    face::<GoString, Raw<GoString, Fast>>(criterion, "str", "fast");
    face::<GoString, Raw<GoString, Default>>(criterion, "str", "erased");
    face::<Wide, Typed<Wide>>(criterion, "wide", "typed");
    face::<Wide, Raw<Wide, Default>>(criterion, "wide", "erased");
    face::<Wide, Raw<Wide, Called>>(criterion, "wide", "called");
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = faces
}
criterion_main!(benches);
