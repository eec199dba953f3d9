//! The heap of programs that have no other: the system's memory, which the map gives back itself.

use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};

use maptype::{Era, Heap, Type};

use super::{DIRTY_BUCKETS, pages};

/// The system heap in the default era, [`Era::Go119`], with huge pages where the system has them for the asking.
pub static SYSTEM: Heap = system_heap(Era::Go119, Pages::Huge);

/// The pages of large bucket arrays on the system heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pages {
    /// Whatever the system gives where nobody asks: ordinary pages. First touches cost little each and come often. Nothing
    /// is resident that was not touched, but for what is made ready shortly before a growth.
    Small,
    /// Huge pages for arrays of four megabytes and more, where the system has them for the asking (Linux with `madvise`):
    /// lookups and growth are faster, and so are all but the very slowest insertions, which wait for two megabytes to be
    /// zeroed.
    #[default]
    Huge,
}

/// A system heap: bucket arrays of a megabyte and more come from the system by the page (on Unix with feature `std`),
/// all else from Rust's global allocator. Up to two megabytes of freed arrays are kept for the next ones, but not in builds with
/// debug assertions. The random stream is seeded by the operating system (feature `std`), `throw`
/// prints to standard error and aborts, `panic` is a Rust panic. It has no barriers.
pub const fn system_heap(era: Era, pages: Pages) -> Heap {
    Heap {
        context: ptr::null_mut(),
        allocate: match pages {
            Pages::Small => allocate,
            Pages::Huge => allocate_huge,
        },
        free: Some(free),
        release: pages::RELEASE,
        populate: pages::POPULATE,
        roundupsize: None,
        random,
        throw,
        panic,
        barriers: ptr::null(),
        observer: ptr::null(),
        era,
    }
}

unsafe extern "C-unwind" fn allocate(
    _: *const Heap,
    size: usize,
    align: usize,
    ty: *const Type,
) -> *mut u8 {
    // SAFETY: the hook's contract.
    unsafe { pages::allocate(size, align, !ptr::eq(ty, &DIRTY_BUCKETS)) }
}

unsafe extern "C-unwind" fn allocate_huge(
    _: *const Heap,
    size: usize,
    align: usize,
    ty: *const Type,
) -> *mut u8 {
    // SAFETY: the hook's contract.
    unsafe {
        let memory = pages::allocate(size, align, !ptr::eq(ty, &DIRTY_BUCKETS));
        pages::ask_for_huge(memory, size);
        memory
    }
}

unsafe extern "C" fn free(_: *const Heap, memory: *mut u8, size: usize, align: usize) {
    // SAFETY: the memory was allocated with this size and alignment.
    unsafe { pages::free(memory, size, align) }
}

/// An odd constant with as many ones as zeroes, to step the random stream by.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

static STATE: AtomicU64 = AtomicU64::new(0);

unsafe extern "C-unwind" fn random(_: *const Heap) -> u64 {
    next_random()
}

/// The next number of the process-wide stream.
pub(crate) fn next_random() -> u64 {
    let mut state = STATE.fetch_add(STEP, Ordering::Relaxed);
    if state == 0 {
        state = start();
        STATE.fetch_add(state, Ordering::Relaxed);
    }
    let product = (state ^ STEP.rotate_left(32)) as u128 * (state | 1) as u128;
    (product >> 64) as u64 ^ product as u64
}

/// Where the stream starts.
#[cold]
fn start() -> u64 {
    #[cfg(feature = "std")]
    {
        use std::hash::{BuildHasher, RandomState};
        RandomState::new().hash_one(&raw const STATE as usize)
    }
    #[cfg(not(feature = "std"))]
    {
        (&raw const STATE).addr() as u64 ^ STEP
    }
}

unsafe extern "C-unwind" fn throw(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: the map's messages are string literals.
    die(unsafe { text(message, len) })
}

/// Says why, and ends the program.
pub(super) fn die(message: &str) -> ! {
    #[cfg(feature = "std")]
    {
        std::eprintln!("fatal error: {message}");
        std::process::abort()
    }
    #[cfg(not(feature = "std"))]
    {
        // A panic cannot leave this function: it aborts.
        extern "C" fn abort(message: &&str) -> ! {
            panic!("fatal error: {message}")
        }
        abort(&message)
    }
}

unsafe extern "C-unwind" fn panic(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: the map's messages are string literals.
    panic!("{}", unsafe { text(message, len) })
}

/// # Safety
/// `message` points to `len` bytes of UTF-8 that live for ever.
pub(super) unsafe fn text(message: *const u8, len: usize) -> &'static str {
    // SAFETY: the caller's promise.
    unsafe { core::str::from_utf8_unchecked(core::slice::from_raw_parts(message, len)) }
}
