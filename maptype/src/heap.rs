use core::ffi::c_void;

use crate::Type;

/// Memory was asked for and could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllocError;

impl core::fmt::Display for AllocError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("out of memory")
    }
}

impl core::error::Error for AllocError {}

/// Which release of Go the map follows where releases differ; `docs/lineage.md` lists every difference.
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Era {
    /// The document's: Go 1.11 to 1.13.
    Go112 = 0,
    /// Go 1.19, the default.
    #[default]
    Go119 = 1,
    /// Go 1.22 and 1.23, the last of the classic map.
    Go123 = 2,
}

/// What a host runtime gives the map: memory, randomness, write barriers, a way to die.
///
/// A table of functions that every [`MapType`](crate::MapType) points to. Each function receives the table itself, so
/// that it finds [`Heap::context`].
///
/// # Duties of the host
/// 1. `allocate` returns `size` zeroed bytes aligned to `align` that nothing else uses, or null; a heap without `free`
///    keeps them for as long as they are reachable.
/// 2. `free`, where present, takes back what `allocate` gave, with the same size and alignment.
/// 3. `random` may return anything; the map is only as unpredictable as it.
/// 4. `throw` and `panic` do not return.
/// 5. No function touches a map that an operation is being done on, except to read it as a collector does.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Heap {
    /// The host's own.
    pub context: *mut c_void,
    /// Allocates `size` zeroed bytes for one or more consecutive `ty`, or returns null. It may unwind.
    pub allocate: unsafe extern "C-unwind" fn(
        heap: *const Heap,
        size: usize,
        align: usize,
        ty: *const Type,
    ) -> *mut u8,
    /// Takes memory back. Absent in a traced heap, whose collector frees.
    pub free:
        Option<unsafe extern "C" fn(heap: *const Heap, memory: *mut u8, size: usize, align: usize)>,
    /// Gives back to the system what pages lie wholly within `size` bytes of allocated memory. The memory
    /// stays allocated, and those pages read as zeroes. Absent where memory is only given back as a whole.
    ///
    /// A heap that has it is taken to provide memory by the page: what was never touched costs nothing.
    pub release: Option<unsafe extern "C" fn(heap: *const Heap, memory: *mut u8, size: usize)>,
    /// Makes the pages of `size` bytes of allocated memory ready to be written, which are still zeroes. Only of use with
    /// `release`; may be absent.
    pub populate: Option<unsafe extern "C" fn(heap: *const Heap, memory: *mut u8, size: usize)>,
    /// A random number; the map uses the low half for hash seeds.
    pub random: unsafe extern "C-unwind" fn(heap: *const Heap) -> u64,
    /// Reports a misuse that cannot be survived ("concurrent map writes"), and ends the program. Must not return.
    pub throw: unsafe extern "C-unwind" fn(heap: *const Heap, message: *const u8, len: usize),
    /// Reports a recoverable misuse ("assignment to entry in nil map") by unwinding. Must not return.
    pub panic: unsafe extern "C-unwind" fn(heap: *const Heap, message: *const u8, len: usize),
    /// Write barriers of a concurrent or moving collector; null without one.
    pub barriers: *const Barriers,
    /// Listeners of race and memory checkers; null without one.
    pub observer: *const Observer,
    /// The release of Go to follow.
    pub era: Era,
}

// SAFETY: the table is read-only; its maker lets any thread that uses the map call its functions.
unsafe impl Send for Heap {}
// SAFETY: as above.
unsafe impl Sync for Heap {}

/// A collector's write barriers. Each performs the write itself, as well as whatever the collector needs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Barriers {
    /// Copies one value of `ty` from `src` to `dst`.
    pub typedmemmove: unsafe extern "C-unwind" fn(
        heap: *const Heap,
        ty: *const Type,
        dst: *mut u8,
        src: *const u8,
    ),
    /// Stores `value` in the pointer slot `slot`.
    pub store_pointer:
        unsafe extern "C-unwind" fn(heap: *const Heap, slot: *mut *mut u8, value: *mut u8),
    /// Zeroes `size` bytes that hold pointers.
    pub memclr_has_pointers:
        unsafe extern "C-unwind" fn(heap: *const Heap, memory: *mut u8, size: usize),
}

/// The document's `raceenabled` and `msanenabled` call-outs: called before an operation reads or writes a map or a key
/// (crate `gomap`, feature `observe`).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Observer {
    /// A map (its `hmap`) or a key is about to be read; `size` bytes at `memory`.
    pub read: unsafe extern "C-unwind" fn(heap: *const Heap, memory: *const u8, size: usize),
    /// A map (its `hmap`) is about to be written.
    pub write: unsafe extern "C-unwind" fn(heap: *const Heap, memory: *const u8, size: usize),
}
