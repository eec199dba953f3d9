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

/// Which release of Go the map follows where releases differ; `docs/lineage.md` lists every
/// difference.
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

/// What a host runtime provides: memory, randomness, write barriers, an end for programs that
/// misuse a map.
///
/// A table of functions that every [`MapType`](crate::MapType) points to. Each function receives
/// the table itself, so that it finds [`Heap::context`]. Rust programs make one from the trait
/// `Host` of crate `gomap`.
///
/// A heap with [`free`](Heap::free) is *owned*: the map frees its memory. A heap without is
/// *traced*: a collector frees what nothing refers to.
///
/// # Duties of every hook
/// 1. It may read a map that an operation is being done on, as a collector does. It must not write
///    to it, and must not move, free or reuse memory of it: collectors that do so run between
///    operations.
/// 2. It may unwind only where its type is `extern "C-unwind"`. The operation then ends early, and
///    the map is whole.
/// 3. It may be called by every thread that uses a map of this heap, at the same time.
/// 4. The table stays where it is, and unchanged, for as long as a map that was made with it lives.
///
/// # Duties of the host of a traced heap
/// The map does not know which of its iterators are alive.
/// 1. Before a map is freed (`mapfree`, which runs its drop glue), its iterators have ended, or are
///    never used again.
/// 2. Drop glue keeps what hash and equality read of a value until the collector frees it: an
///    iterator may meet a value after it was deleted, replaced or cleared.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Heap {
    /// For the functions of this table.
    pub context: *mut c_void,
    /// Allocates `size` bytes (never 0; `size + align` is at most `isize::MAX`) for one or more
    /// consecutive values of `ty`, or returns null.
    ///
    /// 1. The memory is zeroed, aligned to `align`, and nothing else uses it. It may hold anything
    ///    where `ty` is `DIRTY_BUCKETS` of crate `gomap`.
    /// 2. Null means that there is no memory; the operation returns an error, or throws, and
    ///    changes nothing.
    /// 3. A traced heap keeps it at least until the operation that asked for it has ended,
    ///    reachable or not: the map holds it in places that no collector sees. Between operations,
    ///    what is reachable from a map is live.
    /// 4. A collector may run in this hook only if it moves and frees no memory of a map: otherwise
    ///    it would have to see the native stack. Others note that they are due, and run at the next
    ///    safepoint after the operation.
    /// 5. `ty` is a type of the descriptor (a bucket, a boxed key or elem) or one of those that
    ///    crate `gomap` names for its own structs. A bucket's `ptrdata` says whether there are
    ///    pointers in it, not where: `mapscan` does.
    pub allocate: unsafe extern "C-unwind" fn(
        heap: *const Heap,
        size: usize,
        align: usize,
        ty: *const Type,
    ) -> *mut u8,
    /// Takes back what `allocate` gave, with the same size and alignment. Absent in a traced heap.
    ///
    /// 1. The memory is not used again by the map; it may hold anything.
    pub free:
        Option<unsafe extern "C" fn(heap: *const Heap, memory: *mut u8, size: usize, align: usize)>,
    /// Gives back to the system the pages that are wholly within `size` bytes of allocated memory.
    /// Absent where memory is only given back as a whole.
    ///
    /// 1. The memory stays allocated, and those pages read as zeroes.
    /// 2. The bytes outside of those pages stay as they are. The memory begins and ends anywhere: a
    ///    hook that asks the system rounds to the system's pages, up at the start and down at the
    ///    end, and does nothing where no page is left.
    /// 3. A heap that has it is owned, and provides memory by the page: what was never touched
    ///    costs nothing.
    pub release: Option<unsafe extern "C" fn(heap: *const Heap, memory: *mut u8, size: usize)>,
    /// Populates the pages of `size` bytes of allocated memory, which are still zeroes: a bucket
    /// array of 64 KiB or more that a growth is about to fill, or a part of one. May be absent.
    ///
    /// 1. No byte changes. The memory begins and ends anywhere; pages that are partly outside can
    ///    be left.
    pub populate: Option<unsafe extern "C" fn(heap: *const Heap, memory: *mut u8, size: usize)>,
    /// The usable bytes that the host's allocator returns for a request of `size`: a bucket array
    /// is as long as they allow. Null: the size classes of the Go release in [`Heap::era`].
    ///
    /// 1. The answer is at least `size`, and always the same for the same arguments: the map asks
    ///    again.
    pub roundupsize:
        Option<unsafe extern "C" fn(heap: *const Heap, size: usize, pointer_free: bool) -> usize>,
    /// A random number; the map uses the low half for hash seeds.
    ///
    /// 1. Any number is valid; the map is only as unpredictable as the numbers are.
    pub random: unsafe extern "C-unwind" fn(heap: *const Heap) -> u64,
    /// Reports a misuse that cannot be survived ("concurrent map writes"), and ends the program.
    ///
    /// 1. It does not return. If it unwinds (a test's heap), the map must not be used again.
    pub throw: unsafe extern "C-unwind" fn(heap: *const Heap, message: *const u8, len: usize),
    /// Reports a recoverable misuse ("assignment to entry in nil map") by unwinding.
    ///
    /// 1. It does not return.
    pub panic: unsafe extern "C-unwind" fn(heap: *const Heap, message: *const u8, len: usize),
    /// Write barriers of a collector that marks while the program runs; null without one. They must
    /// not be added after a descriptor was made without them.
    pub barriers: *const Barriers,
    /// Listeners of race and memory checkers; null without one.
    pub observer: *const Observer,
    /// The release of Go to follow.
    pub era: Era,
}

// SAFETY: the table is read-only; its maker lets any thread that uses the map call its functions.
unsafe impl Send for Heap {}
// SAFETY: as for `Send`: read-only.
unsafe impl Sync for Heap {}

/// A collector's write barriers. Each performs the write itself, as well as whatever the collector
/// needs.
///
/// # Duties of every barrier
/// 1. The write is done when it returns. If it unwinds, it was not done.
/// 2. What is overwritten was put there by the map, or is null; it may be looked at.
/// 3. While a collector marks in steps, what is written is marked (an insertion barrier): the map
///    moves entries from arrays that `mapscan` has yet to pass to others that it has passed, or
///    never will.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Barriers {
    /// Copies one value of `ty` from `src` to `dst`, which do not overlap. Called only for types
    /// with pointers.
    pub typedmemmove: unsafe extern "C-unwind" fn(
        heap: *const Heap,
        ty: *const Type,
        dst: *mut u8,
        src: *const u8,
    ),
    /// Stores `value` in the pointer slot `slot`. Both may point into the middle of an allocation,
    /// and `value` may be null.
    ///
    /// 1. The store is atomic (release) where several threads read a map at once: while the first
    ///    iterator of a map begins, others may load the slot, which then holds `value` already.
    pub store_pointer:
        unsafe extern "C-unwind" fn(heap: *const Heap, slot: *mut *mut u8, value: *mut u8),
    /// Zeroes `size` bytes, of which some hold pointers.
    pub memclr_has_pointers:
        unsafe extern "C-unwind" fn(heap: *const Heap, memory: *mut u8, size: usize),
}

/// The document's `raceenabled` and `msanenabled` call-outs: called before an operation reads or
/// writes a map or a key (crate `gomap`, feature `observe`).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Observer {
    /// A map (its `hmap`) or a key is about to be read; `size` bytes at `memory`.
    pub read: unsafe extern "C-unwind" fn(heap: *const Heap, memory: *const u8, size: usize),
    /// A map (its `hmap`) is about to be written.
    pub write: unsafe extern "C-unwind" fn(heap: *const Heap, memory: *const u8, size: usize),
}
