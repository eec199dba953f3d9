//! What the machine asks for a look at random memory, whoever looks: what lookups are to be compared with.

use crate::keys::splitmix;
use crate::timing::Sample;

/// Bytes of a record: those of a bucket with eight `u64` keys and elems.
const RECORD: usize = 144;

/// The lines that a look touches, as bytes of the record.
const TOUCHED: [usize; 3] = [0, 72, 136];

/// Looks at `looks` records in random order, independent of each other, in an array as large as the buckets of a map of
/// `size` entries, and touches `lines` lines of each.
pub fn floor(size: usize, lines: usize, looks: usize) -> Sample {
    let records = (size / 5).next_power_of_two();
    let memory = pages(records * RECORD);
    let mut sample = Sample::default();
    sample.time(looks, || {
        let mut sum = 0u64;
        for i in 0..looks as u64 {
            let record = &memory[(splitmix(i) as usize & (records - 1)) * RECORD..][..RECORD];
            for touched in &TOUCHED[..lines] {
                sum = sum.wrapping_add(record[*touched].into());
            }
        }
        sum
    });
    sample
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
