//! A small virtual machine with a mark-and-sweep collector: the program that docs/embedding.md
//! takes apart.
//!
//! `cargo run --example embedding`

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::RefCell;
use std::collections::HashMap;
use std::mem::replace;
use std::ptr;

use gomap::heap::{Host, host_heap};
use gomap::layout::Hmap;
use gomap::maptype::{HASH_MIGHT_PANIC, Heap, MapType, REFLEXIVE_KEY, Type, alg};
use gomap::position::Position;
use gomap::raw::{makemap, mapaccess2, mapassign, mapdelete};
use gomap::scan::{Allocation, Visitor, mapscan};

// ---- 1. The heap
// ----------------------------------------------------------------------------------------------------

/// Memory of maps, by address; and whether the collector has come to it.
#[derive(Default)]
struct MapMemory(RefCell<HashMap<usize, Block>>);

struct Block {
    start: *mut u8,
    layout: Layout,
    marked: bool,
}

// SAFETY: blocks are zeroed, and stay until a collection, which runs between operations.
unsafe impl Host for MapMemory {
    const OWNED: bool = false;

    fn allocate(&self, layout: Layout, _: &Type) -> *mut u8 {
        // SAFETY: maps ask for no empty memory.
        let start = unsafe { alloc_zeroed(layout) };
        if !start.is_null() {
            let block = Block {
                start,
                layout,
                marked: false,
            };
            self.0.borrow_mut().insert(start.addr(), block);
        }
        start
    }
}

// ---- 2. The values
// --------------------------------------------------------------------------------------------------

/// A variable of the script: a word that points to an object, or null for nil.
#[derive(Clone, Copy, PartialEq)]
#[repr(transparent)]
struct Value(*mut Object);

struct Object {
    marked: bool,
    /// A string; without one, this is a table.
    text: Option<String>,
    table: Hmap,
}

/// Keys and elems: one word, which is a pointer. Hashing a table panics, so that lookups in empty
/// maps must hash too.
static VALUE: Type = Type::opaque(
    "value",
    size_of::<Value>(),
    align_of::<Value>() as u32,
    hash,
    equal,
)
.with_pointers(size_of::<Value>())
.with_key_flags(REFLEXIVE_KEY | HASH_MIGHT_PANIC);

unsafe extern "C-unwind" fn hash(key: *const u8, seed: usize, _: *const Type) -> usize {
    // SAFETY: a key is a value.
    match unsafe { text(*key.cast()) } {
        Some(text) => alg::hash_bytes(text.as_bytes(), seed),
        None => panic!("only strings can be keys"),
    }
}

unsafe extern "C-unwind" fn equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    // SAFETY: keys are values.
    unsafe { text(*a.cast()) == text(*b.cast()) }
}

/// # Safety
/// A value that the collector has not freed.
unsafe fn text<'a>(value: Value) -> Option<&'a str> {
    if value.0.is_null() {
        return None;
    }
    // SAFETY: the object is alive (caller), and its text never changes.
    unsafe { (&raw const (*value.0).text).as_ref()?.as_deref() }
}

// ---- 3. The machine
// -------------------------------------------------------------------------------------------------

struct Machine<'m> {
    memory: &'m MapMemory,
    t: MapType,
    objects: Vec<Value>,
    globals: Value,
}

impl<'m> Machine<'m> {
    /// `heap` is the table of `memory`; both outlive every map.
    fn new(memory: &'m MapMemory, heap: &'m Heap) -> Machine<'m> {
        let t = MapType::new(&VALUE, &VALUE, heap).expect("a good type");
        let mut machine = Machine {
            memory,
            t,
            objects: Vec::new(),
            globals: Value(ptr::null_mut()),
        };
        machine.globals = machine.new_table();
        machine
    }

    fn new_object(&mut self, text: Option<String>) -> Value {
        let object = Object {
            marked: false,
            text,
            table: Hmap::zeroed(),
        };
        let value = Value(Box::into_raw(Box::new(object)));
        self.objects.push(value);
        value
    }

    fn new_text(&mut self, text: &str) -> Value {
        self.new_object(Some(text.into()))
    }

    fn new_table(&mut self) -> Value {
        let table = self.new_object(None);
        // SAFETY: the header holds no map yet.
        unsafe { makemap(&self.t, 0, hmap(table)) };
        table
    }

    fn set(&self, table: Value, key: Value, value: Value) {
        // SAFETY: a map of values, which no other code uses now.
        unsafe {
            let elem = mapassign(&self.t, hmap(table), (&raw const key).cast());
            elem.cast::<Value>().write(value);
        }
    }

    fn get(&self, table: Value, key: Value) -> Option<Value> {
        // SAFETY: as above.
        unsafe {
            let (elem, found) = mapaccess2(&self.t, hmap(table), (&raw const key).cast());
            found.then(|| elem.cast::<Value>().read())
        }
    }

    fn delete(&self, table: Value, key: Value) {
        // SAFETY: as above.
        unsafe { mapdelete(&self.t, hmap(table), (&raw const key).cast()) }
    }

    fn next(&self, table: Value, at: &mut Position) -> Option<(Value, Value)> {
        // SAFETY: as above.
        unsafe {
            let (key, elem) = at.next(&self.t, hmap(table))?;
            Some((key.cast::<Value>().read(), elem.cast::<Value>().read()))
        }
    }
}

/// The header of a table's map: a raw pointer all the way, since there must be no reference to
/// memory that a map changes.
///
/// # Safety
/// The object is alive.
unsafe fn hmap(table: Value) -> *mut Hmap {
    // SAFETY: the object is alive (this fn's contract).
    unsafe { &raw mut (*table.0).table }
}

// ---- 4. The collector
// -----------------------------------------------------------------------------------------------

struct Marker<'m> {
    memory: &'m MapMemory,
    grey: Vec<Value>,
}

impl Marker<'_> {
    fn mark(&mut self, value: Value) {
        // SAFETY: what a live object refers to is alive.
        let seen = value.0.is_null() || unsafe { replace(&mut (*value.0).marked, true) };
        if !seen {
            self.grey.push(value);
        }
    }
}

// SAFETY: nothing is moved, and nothing is freed before the scan is over.
unsafe impl Visitor for Marker<'_> {
    unsafe fn memory(&mut self, slot: *mut *mut u8, _: Allocation) -> Option<*mut u8> {
        // SAFETY: `slot` holds a pointer to memory of the map (`Visitor::memory`).
        let start = unsafe { *slot };
        if let Some(block) = self.memory.0.borrow_mut().get_mut(&start.addr()) {
            block.marked = true;
        }
        Some(start)
    }

    unsafe fn pointer(&mut self, slot: *mut *mut u8) {
        // SAFETY: `slot` holds a `Value` (`VALUE` has pointers in all words).
        self.mark(Value(unsafe { *slot }.cast()));
    }
}

impl Machine<'_> {
    /// Runs at safepoints: between two instructions of the script, never inside of a map operation.
    fn collect(&mut self) {
        let mut marker = Marker {
            memory: self.memory,
            grey: Vec::new(),
        };
        marker.mark(self.globals);
        while let Some(value) = marker.grey.pop() {
            // SAFETY: the object is alive, and no operation on its map is running.
            unsafe {
                if text(value).is_none() {
                    mapscan(&self.t, hmap(value), &mut marker);
                }
            }
        }
        self.sweep();
    }

    fn sweep(&mut self) {
        self.objects.retain(|value| {
            // SAFETY: each object is in the list once, until it is freed.
            unsafe {
                let live = replace(&mut (*value.0).marked, false);
                if !live {
                    drop(Box::from_raw(value.0));
                }
                live
            }
        });
        self.memory.0.borrow_mut().retain(|_, block| {
            if !block.marked {
                // SAFETY: no live map has come up with this block.
                unsafe { dealloc(block.start, block.layout) };
            }
            replace(&mut block.marked, false)
        });
    }
}

// ---- 5. A script
// ----------------------------------------------------------------------------------------------------

pub fn main() {
    let memory = MapMemory::default();
    let heap = host_heap(&memory);
    let mut machine = Machine::new(&memory, &heap);
    let globals = machine.globals;

    for i in 0..500 {
        let (key, value) = (machine.new_text(&format!("key {i}")), machine.new_table());
        machine.set(globals, key, value);
        let inner = machine.new_text("inner");
        machine.set(value, inner, key);
    }
    assert_eq!(machine.objects.len(), 1501);

    // The loop's state is two words in a register; the body deletes, inserts, and has everything
    // collected.
    let mut register = Position::START;
    let mut visited = 0;
    while let Some((key, value)) = machine.next(globals, &mut register) {
        // SAFETY: what was just read from a live table is alive.
        if unsafe { text(value) }.is_some() {
            continue; // an entry that the loop itself inserted
        }
        visited += 1;
        let fresh = machine.new_text(&format!("new {visited}"));
        machine.set(globals, fresh, key);
        machine.delete(globals, key);
        if visited % 50 == 0 {
            machine.collect();
        }
    }
    assert_eq!(visited, 500);

    machine.collect();
    let key = machine.new_text("new 1");
    let value = machine.get(globals, key).expect("an entry");
    // SAFETY: as above.
    println!("new 1 = {}", unsafe { text(value) }.unwrap_or("a table"));
    println!(
        "{} objects, {} blocks",
        machine.objects.len(),
        memory.0.borrow().len()
    );

    machine.globals = Value(ptr::null_mut());
    machine.collect();
    assert!(machine.objects.is_empty() && memory.0.borrow().is_empty());
}
