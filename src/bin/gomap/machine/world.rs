//! The environment of a trace's maps: their memory, the area that strings and interfaces point to, the random stream.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::panic::resume_unwind;
use std::ptr;
use std::sync::Arc;

use maptype::{Era, Heap, Type};

use super::random;
use crate::trace::{Memory, Ty};

/// The payload of a panic of the map or of a hash function.
pub struct MapPanic(pub String);

/// The payload of a throw of the map, after which the map cannot be used.
pub struct MapThrow(pub String);

/// The world of one trace.
pub struct World {
    random: Cell<u64>,
    area: Area,
    dynamic: RefCell<Vec<(*const Type, Arc<Ty>)>>,
    blocks: RefCell<Blocks>,
}

/// Memory that strings and interfaces point to; snapshots show offsets in it.
struct Area {
    words: Box<[Cell<u64>]>,
    used: Cell<usize>,
}

/// The allocations of the maps, which are freed when the trace ends.
#[derive(Default)]
struct Blocks {
    all: Vec<(*mut u8, Layout)>,
    allocations: usize,
    freed: usize,
}

impl World {
    /// A world whose random stream starts at `seed`, with an area of that many bytes.
    pub fn new(seed: u64, area: usize) -> World {
        World {
            random: Cell::new(seed),
            area: Area {
                words: vec![Cell::new(0); area.div_ceil(8)].into(),
                used: Cell::new(0),
            },
            dynamic: RefCell::default(),
            blocks: RefCell::default(),
        }
    }

    /// The state of the random stream.
    pub fn random(&self) -> u64 {
        self.random.get()
    }

    /// The next random number.
    pub fn draw(&self) -> u64 {
        let mut state = self.random.get();
        let number = random::draw(&mut state);
        self.random.set(state);
        number
    }

    /// A place in the area for `size` bytes at a multiple of `align`, at most 8.
    ///
    /// # Panics
    /// If the area is too small.
    pub fn take(&self, size: usize, align: usize) -> *mut u8 {
        let start = self.area.used.get().next_multiple_of(align);
        self.area.used.set(start + size);
        assert!(
            start + size <= 8 * self.area.words.len(),
            "the area is full"
        );
        let base = self.area.words.as_ptr().cast::<u8>().cast_mut();
        // SAFETY: `start` is within the area, as was asserted.
        unsafe { base.add(start) }
    }

    /// The number that stands for a pointer into the area.
    pub fn canonical(&self, pointer: u64) -> u64 {
        match pointer {
            0 => 0,
            _ => pointer
                .wrapping_sub(self.area.words.as_ptr().addr() as u64)
                .wrapping_add(1),
        }
    }

    /// `len` bytes of the area from the pointer that `canonical` stands for, if they are in it.
    pub fn bytes_at(&self, canonical: u64, len: u64) -> Option<Vec<u8>> {
        let start = usize::try_from(canonical.checked_sub(1)?).ok()?;
        let end = start.checked_add(usize::try_from(len).ok()?)?;
        let words = self
            .area
            .words
            .iter()
            .flat_map(|word| word.get().to_le_bytes());
        (end <= self.area.used.get()).then(|| words.skip(start).take(end - start).collect())
    }

    /// The number of a dynamic type, assigned at the first call.
    pub fn type_number(&self, runtime: *const Type, ty: &Arc<Ty>) -> u64 {
        let mut dynamic = self.dynamic.borrow_mut();
        let known = dynamic
            .iter()
            .position(|(known, _)| ptr::eq(*known, runtime));
        let index = known.unwrap_or_else(|| {
            dynamic.push((runtime, ty.clone()));
            dynamic.len() - 1
        });
        index as u64 + 1
    }

    /// The dynamic type behind an interface's type word, and its number.
    pub fn dynamic_type(&self, runtime: *const Type) -> Option<(u64, Arc<Ty>)> {
        let dynamic = self.dynamic.borrow();
        let index = dynamic
            .iter()
            .position(|(known, _)| ptr::eq(*known, runtime))?;
        Some((index as u64 + 1, dynamic[index].1.clone()))
    }

    /// The dynamic type of that number.
    pub fn numbered_type(&self, number: u64) -> Option<Arc<Ty>> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.dynamic.borrow().get(index).map(|(_, ty)| ty.clone())
    }

    /// How many allocations the maps have not freed.
    pub fn outstanding(&self) -> usize {
        let blocks = self.blocks.borrow();
        blocks.allocations - blocks.freed
    }

    /// A heap in this world, which must outlive it and not be moved. Memory that a map frees stays allocated until the
    /// trace ends, so that no snapshot reads deallocated memory.
    pub fn heap(&self, era: Era, memory: Memory) -> Heap {
        Heap {
            context: (&raw const *self).cast::<c_void>().cast_mut(),
            allocate,
            free: (memory == Memory::Reused).then_some(free as _),
            release: None,
            populate: None,
            roundupsize: None,
            random: next_random,
            throw,
            panic,
            barriers: ptr::null(),
            observer: ptr::null(),
            era,
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for (memory, layout) in self.blocks.get_mut().all.drain(..) {
            // SAFETY: the block was allocated with this layout; the maps that used it are gone.
            unsafe { dealloc(memory, layout) }
        }
    }
}

/// The world of a heap.
///
/// # Safety
/// The heap was made by [`World::heap`], and the world is alive.
unsafe fn world<'a>(heap: *const Heap) -> &'a World {
    // SAFETY: the context of a heap of `World::heap` is its world, which is alive.
    unsafe { &*(*heap).context.cast::<World>() }
}

/// # Safety
/// That of [`Heap::allocate`], for a heap of [`World::heap`].
unsafe extern "C-unwind" fn allocate(
    heap: *const Heap,
    size: usize,
    align: usize,
    _: *const Type,
) -> *mut u8 {
    /// More than any trace needs that ends in reasonable time.
    const LIMIT: usize = 1 << 34;
    let Ok(layout) = Layout::from_size_align(size, align) else {
        return ptr::null_mut();
    };
    if size > LIMIT {
        return ptr::null_mut();
    }
    // SAFETY: the size is not zero (`Heap::allocate`); `heap` was made by `World::heap`.
    unsafe {
        let memory = alloc_zeroed(layout);
        if !memory.is_null() {
            let mut blocks = world(heap).blocks.borrow_mut();
            blocks.all.push((memory, layout));
            blocks.allocations += 1;
        }
        memory
    }
}

/// # Safety
/// That of [`Heap::free`], for a heap of [`World::heap`].
unsafe extern "C" fn free(heap: *const Heap, _: *mut u8, _: usize, _: usize) {
    // SAFETY: `heap` was made by `World::heap`, and the world is alive.
    unsafe { world(heap) }.blocks.borrow_mut().freed += 1;
}

/// # Safety
/// That of [`Heap::random`], for a heap of [`World::heap`].
unsafe extern "C-unwind" fn next_random(heap: *const Heap) -> u64 {
    // SAFETY: `heap` was made by `World::heap`, and the world is alive.
    unsafe { world(heap) }.draw()
}

/// # Safety
/// That of [`Heap::throw`], for a heap of [`World::heap`].
unsafe extern "C-unwind" fn throw(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: `message` points to `len` bytes (`Heap::throw`).
    let text = unsafe { std::slice::from_raw_parts(message, len) };
    resume_unwind(Box::new(MapThrow(
        String::from_utf8_lossy(text).into_owned(),
    )))
}

/// # Safety
/// That of [`Heap::panic`], for a heap of [`World::heap`].
unsafe extern "C-unwind" fn panic(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: `message` points to `len` bytes (`Heap::panic`).
    let text = unsafe { std::slice::from_raw_parts(message, len) };
    resume_unwind(Box::new(MapPanic(
        String::from_utf8_lossy(text).into_owned(),
    )))
}
