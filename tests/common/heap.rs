//! A heap that knows every allocation, and can fail.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr;
use std::rc::Rc;

use gomap::heap::DIRTY_BUCKETS;
use maptype::{Barriers, Era, Heap, MapType, Type};

use super::faults::{Fault, Told, no_memory, unwind_if_due};

/// What frees, and whether writes of pointers pass through barriers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Memory {
    /// The map frees.
    Owned,
    /// The map frees, and cells without an entry hold anything.
    Dirty,
    /// The map frees, and reports its writes.
    Barriers,
    /// The host frees, and is told of writes.
    Traced,
}

pub const MEMORIES: [Memory; 4] = [
    Memory::Owned,
    Memory::Dirty,
    Memory::Barriers,
    Memory::Traced,
];
pub const ERAS: [Era; 3] = [Era::Go112, Era::Go119, Era::Go123];

/// The heap, at an address that stays. What is still allocated when it is dropped is freed;
/// [`TestHeap::bytes`] tells.
///
/// What maps point to is in an `Rc`: a `Box` that moves ends the pointers into it.
pub struct TestHeap {
    heap: Rc<Heap>,
    state: Rc<State>,
    memory: Memory,
}

#[derive(Default)]
struct State {
    live: RefCell<HashMap<usize, (*mut u8, Layout)>>,
    bytes: Cell<usize>,
    allocations: Cell<usize>,
    random: Cell<u64>,
}

impl TestHeap {
    pub fn new(memory: Memory, era: Era) -> TestHeap {
        let state = Rc::new(State::default());
        let barriers = match memory {
            Memory::Owned | Memory::Dirty => ptr::null(),
            Memory::Barriers | Memory::Traced => &raw const BARRIERS,
        };
        let heap = Rc::new(Heap {
            context: Rc::as_ptr(&state).cast_mut().cast(),
            allocate,
            free: (memory != Memory::Traced).then_some(free),
            release: None,
            populate: None,
            roundupsize: None,
            random,
            throw,
            panic,
            barriers,
            observer: ptr::null(),
            era,
        });
        TestHeap {
            heap,
            state,
            memory,
        }
    }

    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// The type of maps on this heap.
    pub fn map_type(&self, key: &Type, elem: &Type) -> MapType {
        let t = MapType::new(key, elem, &self.heap).expect("a map type");
        match self.memory {
            Memory::Dirty => t.with_dirty_cells(),
            _ => t,
        }
    }

    /// Bytes allocated and not freed.
    pub fn bytes(&self) -> usize {
        self.state.bytes.get()
    }

    /// Whether this is an allocation, with this layout.
    pub fn holds(&self, memory: *mut u8, layout: Layout) -> bool {
        let live = self.state.live.borrow();
        live.get(&memory.addr())
            .is_some_and(|found| found.1 == layout)
    }

    /// Allocations so far.
    pub fn allocations(&self) -> usize {
        self.state.allocations.get()
    }
}

impl Drop for TestHeap {
    fn drop(&mut self) {
        for (memory, layout) in self.state.live.take().into_values() {
            // SAFETY: allocated by `allocate`, not freed since, and no map is left to use it.
            unsafe { dealloc(memory, layout) }
        }
    }
}

unsafe fn state<'a>(heap: *const Heap) -> &'a State {
    // SAFETY: the context of a `TestHeap` is its state.
    unsafe { &*(*heap).context.cast() }
}

unsafe extern "C-unwind" fn allocate(
    heap: *const Heap,
    size: usize,
    align: usize,
    ty: *const Type,
) -> *mut u8 {
    assert!(size > 0 && !ty.is_null());
    // SAFETY: the hook's contract. A collector may know no alignment but that of its objects.
    unsafe { assert!(align <= (&*ty).align.max(8) as usize || (*heap).free.is_some()) }
    if no_memory() {
        return ptr::null_mut();
    }
    unwind_if_due(Fault::Allocate);
    let layout = Layout::from_size_align(size, align).expect("a layout");
    // SAFETY: the size is not zero; the heap is a `TestHeap`.
    unsafe {
        let memory = alloc_zeroed(layout);
        if ptr::eq(ty, &DIRTY_BUCKETS) {
            memory.write_bytes(0xcc, size);
        }
        let state = state(heap);
        state.bytes.set(state.bytes.get() + size);
        state.allocations.set(state.allocations.get() + 1);
        state
            .live
            .borrow_mut()
            .insert(memory.addr(), (memory, layout));
        memory
    }
}

/// Poisons what it frees, so that a later read is noticed.
unsafe extern "C" fn free(heap: *const Heap, memory: *mut u8, size: usize, align: usize) {
    // SAFETY: the heap is a `TestHeap`; the assertion below says that the memory came from it.
    unsafe {
        let state = state(heap);
        let (memory, layout) = state
            .live
            .borrow_mut()
            .remove(&memory.addr())
            .expect("freed memory was live");
        assert_eq!(Layout::from_size_align(size, align), Ok(layout));
        state.bytes.set(state.bytes.get() - size);
        memory.write_bytes(0xdd, size);
        dealloc(memory, layout);
    }
}

unsafe extern "C-unwind" fn random(heap: *const Heap) -> u64 {
    unwind_if_due(Fault::Random);
    // SAFETY: the heap is a `TestHeap`.
    let random = unsafe { &state(heap).random };
    random.set(random.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
    super::keys::mix(random.get())
}

unsafe fn text(message: *const u8, len: usize) -> String {
    // SAFETY: the caller's promise.
    let bytes = unsafe { std::slice::from_raw_parts(message, len) };
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

unsafe extern "C-unwind" fn throw(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: the hook's contract.
    std::panic::resume_unwind(Box::new(Told::Throw(unsafe { text(message, len) })))
}

unsafe extern "C-unwind" fn panic(_: *const Heap, message: *const u8, len: usize) {
    // SAFETY: the hook's contract.
    std::panic::resume_unwind(Box::new(Told::Panic(unsafe { text(message, len) })))
}

static BARRIERS: Barriers = Barriers {
    typedmemmove,
    store_pointer,
    memclr_has_pointers,
};

unsafe extern "C-unwind" fn typedmemmove(
    _: *const Heap,
    ty: *const Type,
    dst: *mut u8,
    src: *const u8,
) {
    unwind_if_due(Fault::Barrier);
    // SAFETY: the hook's contract.
    unsafe { ptr::copy_nonoverlapping(src, dst, (&*ty).size) }
}

unsafe extern "C-unwind" fn store_pointer(_: *const Heap, slot: *mut *mut u8, value: *mut u8) {
    unwind_if_due(Fault::Barrier);
    // SAFETY: the hook's contract.
    unsafe { *slot = value }
}

unsafe extern "C-unwind" fn memclr_has_pointers(_: *const Heap, memory: *mut u8, size: usize) {
    unwind_if_due(Fault::Barrier);
    // SAFETY: the hook's contract.
    unsafe { memory.write_bytes(0, size) }
}
