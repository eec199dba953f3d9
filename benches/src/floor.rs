//! The cost of a read of random memory: what lookups are compared with.

use crate::keys::splitmix;
use crate::timing::Sample;

/// Bytes of a record: those of a bucket with eight `u64` keys and elems.
const RECORD: usize = 144;

/// The lines that a look touches, as bytes of the record.
const TOUCHED: [usize; 3] = [0, 72, 136];

/// How far ahead of a look its lines are asked for, where they are.
const AHEAD: u64 = 16;

/// Looks at `looks` records in random order, independent of each other, in an array as large as the
/// buckets of a map of `size` entries, and touches `lines` lines of each. A core waits for as many
/// looks at once as it has room for the instructions of; with `ahead` for as many as it can ask
/// for.
pub fn floor(size: usize, lines: usize, ahead: bool, looks: usize) -> Sample {
    let records = (size / 5).next_power_of_two();
    let memory = pages(records * RECORD);
    let record = |i| &memory[(splitmix(i) as usize & (records - 1)) * RECORD..][..RECORD];
    let touched = &TOUCHED[..lines];
    let mut sample = Sample::default();
    sample.time(looks, || {
        let mut sum = 0u64;
        for i in 0..looks as u64 {
            if ahead {
                let next = record(i + AHEAD);
                touched.iter().for_each(|at| prefetch(&raw const next[*at]));
            }
            let record = record(i);
            for at in touched {
                sum = sum.wrapping_add(record[*at].into());
            }
        }
        sum
    });
    sample
}

fn prefetch(line: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch does not fault.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(line.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = line;
}

/// Memory with huge pages, as a map has it.
fn pages(len: usize) -> Vec<u8> {
    const HUGE: usize = 2 << 20;
    let mut memory = vec![0u8; len + HUGE];
    // SAFETY: advice about memory of the vector; it changes no bytes.
    let advised = unsafe {
        let start = memory
            .as_mut_ptr()
            .map_addr(|addr| addr.next_multiple_of(HUGE));
        rustix::mm::madvise(start.cast(), len, rustix::mm::Advice::LinuxHugepage)
    };
    advised.expect("Linux with huge pages for the asking");
    memory.fill(1);
    memory
}
