//! How much memory a map takes.

use std::fs;

use crate::faces::Face;
use crate::keys::splitmix;

/// Resident bytes that a map of `size` entries added to the process.
pub struct Memory {
    /// When it had grown.
    pub live: u64,
    /// At most, while it grew.
    pub peak: u64,
    /// Entries.
    pub len: u64,
}

/// Grows a map of `size` entries. The process should have done nothing else.
///
/// # Panics
/// Where there is no `/proc/self/status`.
pub fn memory<F: Face<u64>>(size: usize) -> Memory {
    let before = resident("VmRSS:");
    let mut map = F::new();
    for i in 0..size as u64 {
        map.insert(&splitmix(i), i + 1);
    }
    Memory {
        live: resident("VmRSS:") - before,
        peak: resident("VmHWM:") - before,
        len: map.count() as u64,
    }
}

/// A line of `/proc/self/status`, in bytes.
fn resident(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes
        .and_then(|n| n.parse::<u64>().ok())
        .expect("a number of kB")
        * 1024
}
