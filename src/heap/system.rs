//! The heap of programs that have no other: the system's memory, which the map gives back itself.

use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

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

unsafe extern "C-unwind" fn random(_: *const Heap) -> u64 {
    next_random()
}

/// An odd constant with as many ones as zeroes, to step the random stream by.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Words of a seed: not every machine has atomics of 64 bits.
const WORDS: usize = (u64::BITS / usize::BITS) as usize;

/// A stream of random numbers that threads share: a counter, mixed with a seed. It repeats after as
/// many numbers as a word counts. With feature `std` it only seeds the streams of threads, in which
/// a number costs a quarter of the time.
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

    /// Begins anew.
    fn restart(&self, seed: u64) {
        // Streams of seeds that differ by a multiple of the step would be one stream; and a seed of
        // zero would be none.
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

    /// Draws the seed. Of threads that do so at once one wins, sooner or later.
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
        // Some systems end what is a thread's own before the thread ends.
        let next = NUMBERS.try_with(|numbers| numbers.borrow_mut().next_u64());
        next.unwrap_or_else(|_| STREAM.next())
    }

    /// Begins this thread's stream anew, whatever other threads draw meanwhile.
    pub(super) fn restart(seed: u64) {
        _ = NUMBERS.try_with(|numbers| numbers.replace(SmallRng::seed_from_u64(seed)));
    }
}

/// Begins the random numbers of the system heap anew: the seeds of its maps, the keys of
/// [`DefaultHashBuilder`](crate::typed::DefaultHashBuilder)s, and where iterations begin, follow
/// from `seed` from here on, in this thread and in those that draw their first number after it.
///
/// With feature `std` they begin with randomness of the operating system, and this is for runs that
/// must repeat. Without, they are one stream for all threads, which begins with an address: hard to
/// foretell on a machine that loads programs anywhere, but on one without an operating system the
/// same in every run. Then nothing keeps an enemy who chooses keys from choosing such that collide.
/// A host that has randomness calls this before its first map, and
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

/// What the loader leaves to chance.
#[cfg(not(feature = "std"))]
fn entropy() -> u64 {
    (&raw const STREAM).addr() as u64 ^ STEP
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
    fn every_bit_is_as_good_as_any() {
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
    fn each_thread_has_numbers_of_its_own() {
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
    fn a_seed_begins_a_threads_numbers_anew() {
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
    fn each_stream_has_a_seed_of_its_own() {
        let [one, other] = [Stream::new(), Stream::new()];
        assert_ne!(one.next(), other.next());
    }
}
