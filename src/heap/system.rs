//! The heap of programs that have no other: the global allocator, which the map gives memory back to itself.

use alloc::alloc::{alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};

use maptype::{Era, Heap, Type};

/// The system heap in the default era, [`Era::Go119`].
pub static SYSTEM: Heap = system_heap(Era::Go119);

/// The system heap: Rust's global allocator, a random stream seeded by the operating system (feature `std`), `throw`
/// prints to standard error and aborts, `panic` is a Rust panic. It has no barriers.
pub const fn system_heap(era: Era) -> Heap {
    Heap {
        context: ptr::null_mut(),
        allocate,
        free: Some(free),
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
    _: *const Type,
) -> *mut u8 {
    match Layout::from_size_align(size, align) {
        // SAFETY: the map asks for no empty memory.
        Ok(layout) => unsafe { alloc_zeroed(layout) },
        Err(_) => ptr::null_mut(),
    }
}

unsafe extern "C" fn free(_: *const Heap, memory: *mut u8, size: usize, align: usize) {
    // SAFETY: this layout was accepted when the memory was allocated.
    unsafe { dealloc(memory, Layout::from_size_align_unchecked(size, align)) }
}

/// An odd constant with as many ones as zeroes, to step the random stream by.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

static STATE: AtomicU64 = AtomicU64::new(0);

unsafe extern "C-unwind" fn random(_: *const Heap) -> u64 {
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
    #[cfg(feature = "std")]
    {
        // SAFETY: the map's messages are string literals.
        std::eprintln!("fatal error: {}", unsafe { text(message, len) });
        std::process::abort()
    }
    #[cfg(not(feature = "std"))]
    {
        // A panic cannot leave this function: it aborts.
        extern "C" fn abort(message: *const u8, len: usize) -> ! {
            // SAFETY: the map's messages are string literals.
            panic!("fatal error: {}", unsafe { text(message, len) })
        }
        abort(message, len)
    }
}

unsafe extern "C-unwind" fn panic(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: the map's messages are string literals.
    panic!("{}", unsafe { text(message, len) })
}

/// # Safety
/// `message` points to `len` bytes of UTF-8 that live for ever.
unsafe fn text(message: *const u8, len: usize) -> &'static str {
    // SAFETY: the caller's promise.
    unsafe { core::str::from_utf8_unchecked(core::slice::from_raw_parts(message, len)) }
}
