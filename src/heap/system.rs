//! The default heap: an owned one, with memory from the system.

use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use maptype::{Era, Heap, Type};

use super::{DIRTY_BUCKETS, pages};

/// The system heap in the default era, [`Era::Go119`], with huge pages where the system gives them on request.
pub static SYSTEM: Heap = system_heap(Era::Go119, Pages::Huge);

/// The pages of large bucket arrays on the system heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pages {
    /// The system's default: ordinary pages, with many cheap page faults. Only touched pages are
    /// resident, apart from those populated shortly before a growth.
    Small,
    /// Huge pages for arrays of four megabytes and more, where the system gives them on request
    /// (Linux with `madvise`): lookups, growth and most insertions are faster; the slowest insertions
    /// wait until two megabytes are zeroed.
    #[default]
    Huge,
}

/// A system heap: bucket arrays of a megabyte and more come from the system by the page (on Unix with feature `std`),
/// all else from Rust's global allocator. Some freed arrays are kept for the next ones (see
/// [`keep_freed`](super::keep_freed)). The random stream is seeded by the operating system (feature
/// `std`), or by [`seed`]; `throw` prints to standard error and aborts, `panic` is a Rust panic. It
/// has no barriers.
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

/// # Safety
/// That of [`Heap::allocate`].
unsafe extern "C-unwind" fn allocate(
    _: *const Heap,
    size: usize,
    align: usize,
    ty: *const Type,
) -> *mut u8 {
    // SAFETY: `size` is not zero, and makes a layout with `align` (`Heap::allocate`).
    unsafe { pages::allocate(size, align, !ptr::eq(ty, &DIRTY_BUCKETS)) }
}

/// # Safety
/// That of [`Heap::allocate`].
unsafe extern "C-unwind" fn allocate_huge(
    _: *const Heap,
    size: usize,
    align: usize,
    ty: *const Type,
) -> *mut u8 {
    // SAFETY: `size` is not zero, and makes a layout with `align` (`Heap::allocate`).
    unsafe {
        let memory = pages::allocate(size, align, !ptr::eq(ty, &DIRTY_BUCKETS));
        pages::ask_for_huge(memory, size);
        memory
    }
}

/// # Safety
/// That of [`Heap::free`].
unsafe extern "C" fn free(_: *const Heap, memory: *mut u8, size: usize, align: usize) {
    // SAFETY: `memory` was allocated with this size and alignment, and is not used again.
    unsafe { pages::free(memory, size, align) }
}

/// # Safety
/// That of [`Heap::random`].
unsafe extern "C-unwind" fn random(_: *const Heap) -> u64 {
    next_random()
}

/// The step of the random stream: odd, with as many ones as zeroes.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Words of a seed: not every machine has atomics of 64 bits.
const WORDS: usize = (u64::BITS / usize::BITS) as usize;

/// A stream of random numbers that threads share: a counter mixed with a seed, with the period of a
/// word. With feature `std` it only seeds the streams of threads, which are four times as fast.
struct Stream {
    /// All zeroes before the first number.
    seed: [AtomicUsize; WORDS],
    drawn: AtomicUsize,
}

static STREAM: Stream = Stream::new();

impl Stream {
    const fn new() -> Stream {
        Stream {
            seed: [const { AtomicUsize::new(0) }; WORDS],
            drawn: AtomicUsize::new(0),
        }
    }

    #[inline]
    fn next(&self) -> u64 {
        let mut seed = self.load();
        if seed == 0 {
            seed = self.start();
        }
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed) as u64;
        mix(seed.wrapping_add(drawn.wrapping_mul(STEP)))
    }

    fn load(&self) -> u64 {
        let word = |i: usize| self.seed[i].load(Ordering::Relaxed) as u64;
        (0..WORDS).fold(0, |seed, i| {
            seed | word(i) << (i as u32 * usize::BITS % u64::BITS)
        })
    }

    /// Restarts the stream from `seed`.
    fn restart(&self, seed: u64) {
        // Mixed, because seeds that differ by a multiple of the step would give the same stream; and
        // zero means no seed.
        let seed = match mix(seed) {
            0 => STEP,
            seed => seed,
        };
        for (i, word) in self.seed.iter().enumerate() {
            let bits = (seed >> (i as u32 * usize::BITS % u64::BITS)) as usize;
            word.store(bits, Ordering::Relaxed);
        }
        self.drawn.store(0, Ordering::Relaxed);
    }

    /// Draws the seed. If several threads do so at the same time, the last one wins.
    #[cold]
    #[inline(never)]
    fn start(&self) -> u64 {
        self.restart(entropy());
        self.load()
    }
}

fn mix(state: u64) -> u64 {
    let product = (state ^ STEP.rotate_left(32)) as u128 * (state | 1) as u128;
    (product >> 64) as u64 ^ product as u64
}

#[cfg(feature = "std")]
pub(crate) use threads::next_random;

/// The next number of the process-wide stream.
#[cfg(not(feature = "std"))]
pub(crate) fn next_random() -> u64 {
    STREAM.next()
}

/// A stream for each thread.
#[cfg(feature = "std")]
mod threads {
    use core::cell::RefCell;

    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::STREAM;

    std::thread_local! {
        static NUMBERS: RefCell<SmallRng> = RefCell::new(SmallRng::seed_from_u64(STREAM.next()));
    }

    /// The next number of this thread's stream.
    pub(crate) fn next_random() -> u64 {
        // Thread-local values may be dropped before the thread has ended.
        let next = NUMBERS.try_with(|numbers| numbers.borrow_mut().next_u64());
        next.unwrap_or_else(|_| STREAM.next())
    }

    /// Restarts this thread's stream; other threads' draws do not change it.
    pub(super) fn restart(seed: u64) {
        _ = NUMBERS.try_with(|numbers| numbers.replace(SmallRng::seed_from_u64(seed)));
    }
}

/// Seeds the random numbers of the system heap. The hash seeds of its maps, the keys of
/// [`DefaultHashBuilder`](crate::typed::DefaultHashBuilder)s and the starts of iterations follow
/// from `seed` after this call, in this thread and in threads that have not drawn a number yet.
///
/// With feature `std` the default seed comes from the operating system, and this function is for
/// reproducible runs. Without it, all threads share one stream, seeded with an address: hard to
/// predict where programs are loaded at random addresses, but without an operating system the same
/// in every run. Then an attacker who chooses keys can make them collide. A host with a source of
/// randomness calls this before its first map, and
/// [`alg::set_process_key`](maptype::alg::set_process_key) for the hashes of raw maps.
///
/// # Examples
/// ```
/// use gomap::heap;
/// use gomap::typed::DefaultHashBuilder;
/// use std::hash::BuildHasher;
///
/// let hash = || DefaultHashBuilder::new().hash_one("key");
/// heap::seed(42);
/// let first = hash();
/// assert_ne!(hash(), first);
/// heap::seed(42);
/// assert_eq!(hash(), first);
/// ```
pub fn seed(seed: u64) {
    STREAM.restart(seed);
    #[cfg(feature = "std")]
    threads::restart(seed);
}

/// 64 bits from the operating system.
#[cfg(feature = "std")]
fn entropy() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(&raw const STREAM as usize)
}

/// The address where the loader put the program.
#[cfg(not(feature = "std"))]
fn entropy() -> u64 {
    (&raw const STREAM).addr() as u64 ^ STEP
}

/// # Safety
/// That of [`Heap::throw`].
unsafe extern "C-unwind" fn throw(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: messages are string literals, which are UTF-8 of `len` bytes.
    die(unsafe { text(message, len) })
}

/// Prints the message, and ends the program.
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

/// # Safety
/// That of [`Heap::panic`].
unsafe extern "C-unwind" fn panic(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: messages are string literals, which are UTF-8 of `len` bytes.
    panic!("{}", unsafe { text(message, len) })
}

/// # Safety
/// `message` points to `len` bytes of UTF-8 that live for ever.
pub(super) unsafe fn text(message: *const u8, len: usize) -> &'static str {
    // SAFETY: `message` points to `len` bytes of UTF-8 that live for ever.
    unsafe { core::str::from_utf8_unchecked(core::slice::from_raw_parts(message, len)) }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_decides_the_numbers() {
        let numbers = |seed| {
            let stream = Stream::new();
            stream.restart(seed);
            [(); 100].map(|()| stream.next())
        };
        let seeds = [0, 1, 1 << 32, u64::MAX, STEP - 1];
        let all: BTreeSet<u64> = seeds.into_iter().flat_map(numbers).collect();
        assert_eq!(all.len(), 100 * seeds.len());
        assert!(seeds.into_iter().all(|seed| numbers(seed) == numbers(seed)));
    }

    /// Of ten thousand numbers, each bit is set in about half.
    #[test]
    fn every_bit_is_set_half_the_time() {
        let stream = Stream::new();
        let mut set = [0_u32; 64];
        for _ in 0..10_000 {
            let number = stream.next();
            (0..64).for_each(|bit| set[bit] += (number >> bit & 1) as u32);
        }
        assert!(
            set.iter().all(|set| (4_700..5_300).contains(set)),
            "{set:?}"
        );
    }

    #[test]
    #[cfg(feature = "std")]
    fn each_thread_has_its_own_numbers() {
        let numbers = || [(); 100].map(|()| next_random());
        let threads = [(); 8].map(|()| std::thread::spawn(numbers));
        let all: BTreeSet<u64> = threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect();
        assert_eq!(all.len(), 800);
    }

    /// Whether or not the thread has drawn numbers before.
    #[test]
    #[cfg(feature = "std")]
    fn a_seed_restarts_a_threads_numbers() {
        let numbers = |drawn: usize| {
            (0..drawn).for_each(|_| _ = next_random());
            seed(5);
            [(); 10].map(|()| next_random())
        };
        let [first, second] = [0, 3].map(|drawn| std::thread::spawn(move || numbers(drawn)));
        assert_eq!(first.join().unwrap(), second.join().unwrap());
    }

    #[test]
    #[cfg(feature = "std")]
    fn each_stream_has_its_own_seed() {
        let [one, other] = [Stream::new(), Stream::new()];
        assert_ne!(one.next(), other.next());
    }
}
