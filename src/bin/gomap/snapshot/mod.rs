//! The memory of a trace's maps in a canonical form: what gomap and real Go must agree on.

mod decode;
mod digest;
mod layout;
mod registry;
mod rows;

use std::ptr;

use gomap::layout::{Bmap, BmapSlice, Hiter, Hmap, sameSizeGrow};
use maptype::MapType;

use crate::machine::{Live, Machine, Outcome, World};
use crate::trace::{Memory, Trace};
use digest::Digest;
use layout::{Layout, Words, buckets_of};
use registry::{Kind, Name, Named, Registry};

pub use decode::readable;
pub use rows::Row;

/// Takes the snapshots of one trace.
pub struct Snapshots {
    names: Vec<String>,
    layout: Layout,
    memory: Memory,
    registry: Registry,
}

/// A snapshot in progress: everything is folded into the digest and, if rows are wanted, becomes a row.
struct Snapshot<'a> {
    names: &'a [String],
    layout: &'a Layout,
    memory: Memory,
    registry: &'a mut Registry,
    t: &'a MapType,
    world: &'a World,
    digest: Digest,
    rows: Option<Vec<Row>>,
    /// Objects found and not yet walked.
    queue: Vec<Waiting>,
}

/// An object found and not yet walked.
enum Waiting {
    Array(usize),
    List(u64, *const BmapSlice),
    Bucket(u64, *const u8),
}

/// The result of a snapshot.
pub struct Taken {
    pub digest: u64,
    /// Words of memory in it.
    pub memory: u64,
    /// Empty unless they were wanted.
    pub rows: Vec<Row>,
}

impl Snapshots {
    pub fn new(trace: &Trace, machine: &Machine) -> Snapshots {
        Snapshots {
            names: trace.iterators.clone(),
            layout: Layout::new(machine.descriptor(), &trace.header.map),
            memory: trace.header.memory,
            registry: Registry::default(),
        }
    }

    /// The digest of an operation's outcome (none at the end of a trace), with the memory if `memory`, and with rows if
    /// `rows`.
    pub fn take(
        &mut self,
        machine: &Machine,
        outcome: Option<&Outcome>,
        memory: bool,
        rows: bool,
    ) -> Taken {
        let mut snapshot = Snapshot {
            names: &self.names,
            layout: &self.layout,
            memory: self.memory,
            registry: &mut self.registry,
            t: machine.descriptor(),
            world: machine.world(),
            digest: Digest::default(),
            rows: rows.then(Vec::new),
            queue: Vec::new(),
        };
        if let Some(outcome) = outcome {
            snapshot.outcome(outcome);
        }
        snapshot.number("", "random", machine.world().random(), rows::hexadecimal);
        let before = snapshot.digest.count();
        if memory && self.memory == Memory::Reused {
            // Freed addresses are reused, so they do not identify objects across snapshots.
            *snapshot.registry = Registry::default();
        }
        if memory {
            // SAFETY: the machine's maps and iterators are alive, and no operation is running.
            unsafe { snapshot.memory(machine) };
        }
        Taken {
            digest: snapshot.digest.value(),
            memory: snapshot.digest.count() - before,
            rows: snapshot.rows.unwrap_or_default(),
        }
    }
}

impl Snapshot<'_> {
    /// Walks all maps and iterators.
    ///
    /// # Safety
    /// The machine's maps and iterators are alive, and no operation is running.
    unsafe fn memory(&mut self, machine: &Machine) {
        // SAFETY: the machine's maps and iterators are alive; what they point to is queued, and alive too.
        unsafe {
            self.registry.begin_snapshot();
            let [current, spare] = machine.maps();
            let name = self.map_name(current);
            self.named("", "m", name, rows::plain);
            let name = self.map_name(spare);
            self.named("", "spare", name, rows::plain);
            self.digest.word(machine.iterators().len() as u64);
            for it in machine.iterators() {
                self.iterator(it);
            }
            let mut walked = 0;
            while walked < self.queue.len() {
                match self.queue[walked] {
                    Waiting::Array(index) => self.walk_array(index),
                    Waiting::List(number, list) => self.walk_list(number, &*list),
                    Waiting::Bucket(number, bucket) => {
                        self.walk_bucket(bucket, |_| format!("o{number}"));
                    }
                }
                walked += 1;
            }
            for it in machine.iterators() {
                self.places(it);
            }
        }
    }

    /// Names a map, and walks it.
    ///
    /// # Safety
    /// `h` is null or a map that is alive.
    unsafe fn map_name(&mut self, h: *const Hmap) -> Name {
        if h.is_null() {
            return None;
        }
        let (number, first) = self.registry.meet(Kind::Map, h.addr());
        let named = Named::object(Kind::Map, number);
        if first {
            // SAFETY: `h` is a map that is alive.
            unsafe { self.hmap(&rows::plain(named), &*h) };
        }
        Some(named)
    }

    /// Walks a header.
    ///
    /// # Safety
    /// `h` is a map that is alive.
    unsafe fn hmap(&mut self, o: &str, h: &Hmap) {
        use rows::{bucket, decimal, hexadecimal, plain};
        self.number(o, ".count", h.count as u64, decimal);
        self.number(o, ".flags", h.flags.into(), hexadecimal);
        self.number(o, ".B", h.B.into(), decimal);
        self.number(o, ".noverflow", h.noverflow.into(), decimal);
        self.number(o, ".hash0", h.hash0.into(), hexadecimal);
        let doubling = !h.oldbuckets.is_null() && h.flags & sameSizeGrow == 0;
        let name = self.array_name(h.buckets, h.B);
        self.named(o, ".buckets", name, plain);
        let name = self.array_name(h.oldbuckets, h.B - u8::from(doubling));
        self.named(o, ".oldbuckets", name, plain);
        self.number(o, ".nevacuate", h.nevacuate as u64, decimal);
        self.number(o, ".extra", (!h.extra.is_null()).into(), decimal);
        if h.extra.is_null() {
            return;
        }
        // SAFETY: `extra` is not null, and alive as long as the map.
        unsafe {
            let extra = &*h.extra;
            let name = self.list_name(extra.overflow);
            self.named(o, ".extra.overflow", name, plain);
            let name = self.list_name(extra.oldoverflow);
            self.named(o, ".extra.oldoverflow", name, plain);
            let name = self.bucket_name(extra.nextOverflow);
            self.named(o, ".extra.nextOverflow", name, bucket);
        }
    }

    /// Names the array of 2^b buckets at `start`.
    fn array_name(&mut self, start: *const Bmap, b: u8) -> Name {
        if start.is_null() {
            return None;
        }
        let all = buckets_of(self.t, b);
        let index = self.registry.add_array(start.cast(), 1 << b, all);
        self.enqueue_array(index);
        Some(Named::object(
            Kind::Array,
            self.registry.array(index).number,
        ))
    }

    fn enqueue_array(&mut self, index: usize) {
        if self.registry.first_time(index) {
            self.queue.push(Waiting::Array(index));
        }
    }

    fn bucket_name(&mut self, bucket: *const Bmap) -> Name {
        if bucket.is_null() {
            return None;
        }
        let size = self.layout.bucket_size;
        if let Some(index) = self.registry.array_at(bucket.addr(), size) {
            self.enqueue_array(index);
            let array = self.registry.array(index);
            return Some(Named {
                kind: Kind::Array,
                number: array.number,
                inside: ((bucket.addr() - array.start.addr()) / size) as u64,
            });
        }
        let (number, first) = self.registry.meet(Kind::Bucket, bucket.addr());
        if first {
            self.queue.push(Waiting::Bucket(number, bucket.cast()));
        }
        Some(Named::object(Kind::Bucket, number))
    }

    fn list_name(&mut self, list: *const BmapSlice) -> Name {
        if list.is_null() {
            return None;
        }
        let (number, first) = self.registry.meet(Kind::List, list.addr());
        if first {
            self.queue.push(Waiting::List(number, list));
        }
        Some(Named::object(Kind::List, number))
    }

    /// Names the boxed value at `value`, and walks it.
    ///
    /// # Safety
    /// `value` is null or the box of a key, or, if `elem`, of an elem.
    unsafe fn box_name(&mut self, value: *const u8, elem: bool) -> Name {
        if value.is_null() {
            return None;
        }
        let (number, first) = match self.memory {
            Memory::Lasting => self.registry.meet(Kind::Box, value.addr()),
            // Maps that free their memory do not share boxes.
            Memory::Reused => (0, true),
        };
        let named = Named::object(Kind::Box, number);
        if first {
            let slots = if elem {
                &self.layout.elem
            } else {
                &self.layout.key
            };
            // SAFETY: the box holds a value of the type of these slots.
            let bytes = unsafe { self.canonical(value, slots) };
            self.digest.bytes(&bytes);
            self.bytes_row(|| rows::plain(named), &bytes);
        }
        Some(named)
    }

    /// Walks an array of the registry.
    ///
    /// # Safety
    /// The array is alive.
    unsafe fn walk_array(&mut self, index: usize) {
        let array = self.registry.array(index);
        self.digest.word(array.buckets as u64);
        self.digest.word(array.all as u64);
        let label = || format!("a{}", array.number);
        self.row(label, || {
            format!("{}+{}", array.buckets, array.all - array.buckets)
        });
        for i in 0..array.all {
            // SAFETY: the array is alive, and has `all` buckets.
            unsafe {
                let bucket = array.start.add(i * self.layout.bucket_size);
                self.walk_bucket(bucket, |_| format!("a{}[{i}]", array.number));
            }
        }
    }

    /// Walks a list of overflow buckets.
    ///
    /// # Safety
    /// The list's pointers are alive.
    unsafe fn walk_list(&mut self, number: u64, list: &BmapSlice) {
        self.digest.word(list.len as u64);
        let mut texts = Vec::new();
        for i in 0..list.len {
            // SAFETY: the list is alive, and has `len` pointers.
            let name = self.bucket_name(unsafe { *list.array.add(i) });
            self.name(name);
            texts.extend(
                self.rows
                    .is_some()
                    .then(|| name.map(rows::bucket))
                    .flatten(),
            );
        }
        if !texts.is_empty() {
            self.row(|| format!("l{number}"), || texts.join(" "));
        }
    }

    /// Walks a bucket.
    ///
    /// # Safety
    /// `bucket` is a bucket of the trace's type, with the boxes in it.
    unsafe fn walk_bucket(&mut self, bucket: *const u8, label: impl Fn(()) -> String) {
        for i in 0..self.layout.runs.len() {
            let run = self.layout.runs[i];
            // SAFETY: the runs are within the bucket, and consist of whole words.
            unsafe {
                let words = bucket.add(run.offset).cast::<u64>();
                let pointer = || words.cast::<*const u8>().read();
                match run.words {
                    Words::Raw(n) => self.digest.words(std::slice::from_raw_parts(words, n)),
                    Words::String => self.digest.word(self.world.canonical(words.read())),
                    Words::Interface => {
                        self.digest.words(&self.interface_words(words.cast()));
                    }
                    Words::KeyBox => {
                        let name = self.box_name(pointer(), false);
                        self.name(name);
                    }
                    Words::ElemBox => {
                        let name = self.box_name(pointer(), true);
                        self.name(name);
                    }
                    Words::Overflow => {
                        let name = self.bucket_name(pointer().cast());
                        self.name(name);
                    }
                }
            }
        }
        if self.rows.is_some() {
            // SAFETY: `bucket` is a bucket of the trace's type.
            unsafe { self.bucket_rows(bucket, &label(())) };
        }
    }

    /// Walks an iterator.
    ///
    /// # Safety
    /// The iterator's map is alive.
    unsafe fn iterator(&mut self, it: &Live) {
        use rows::{bucket, decimal, hexadecimal, plain};
        let Hiter {
            t,
            h,
            buckets,
            bptr,
            overflow,
            oldoverflow,
            ..
        } = *it.state;
        let state = &it.state;
        let o = self.iterator_label(it);
        // SAFETY: the iterator's map is alive.
        let name = unsafe { self.map_name(h) };
        self.named(&o, ".h", name, plain);
        let mark = if t.is_null() {
            0
        } else {
            1 + u64::from(!ptr::eq(t, self.t))
        };
        self.number(&o, ".t", mark, decimal);
        // The arrays and lists of an iterator that has ended may be freed.
        if self.memory == Memory::Lasting || !state.key.is_null() {
            let name = self.array_name(buckets, state.B);
            self.named(&o, ".buckets", name, plain);
            let name = self.bucket_name(bptr);
            self.named(&o, ".bptr", name, bucket);
            let name = self.list_name(overflow);
            self.named(&o, ".overflow", name, plain);
            let name = self.list_name(oldoverflow);
            self.named(&o, ".oldoverflow", name, plain);
        }
        self.number(&o, ".startBucket", state.startBucket as u64, decimal);
        self.number(&o, ".offset", state.offset.into(), decimal);
        self.number(&o, ".wrapped", state.wrapped.into(), decimal);
        self.number(&o, ".B", state.B.into(), decimal);
        self.number(&o, ".i", state.i.into(), decimal);
        self.number(&o, ".bucket", state.bucket as u64, decimal);
        self.number(&o, ".checkBucket", state.checkBucket as u64, hexadecimal);
    }

    fn iterator_label(&self, it: &Live) -> String {
        match self.rows {
            Some(_) => format!("i.{}", self.names[it.id.0 as usize]),
            None => String::new(),
        }
    }

    /// The slots that an iterator's key and elem point to. This comes last, when every bucket is known.
    fn places(&mut self, it: &Live) {
        let o = self.iterator_label(it);
        let name = self.place_name(it.state.key, false);
        self.named(&o, ".key", name, rows::place);
        let name = self.place_name(it.state.elem, true);
        self.named(&o, ".elem", name, rows::place);
    }

    fn place_name(&mut self, place: *const u8, elem: bool) -> Name {
        let slots = if elem {
            &self.layout.elem
        } else {
            &self.layout.key
        };
        let address = place.addr();
        if address == 0 {
            return None;
        }
        if slots.boxed {
            let known = self.registry.known(Kind::Box, address);
            return Some(known.map_or(OTHER, |number| Named::object(Kind::Box, number)));
        }
        if let Some(index) = self.registry.array_at(address, self.layout.bucket_size) {
            let array = self.registry.array(index);
            return Some(Named {
                kind: Kind::Array,
                number: array.number,
                inside: (address - array.start.addr()) as u64,
            });
        }
        let mut distances = (0..8).map(|i| slots.offset + i * slots.size);
        let found = distances.find_map(|distance| {
            let bucket = address.checked_sub(distance)?;
            let number = self.registry.known(Kind::Bucket, bucket)?;
            Some(Named {
                kind: Kind::Bucket,
                number,
                inside: distance as u64,
            })
        });
        Some(found.unwrap_or(OTHER))
    }
}

/// A pointer to no known object.
const OTHER: Named = Named {
    kind: Kind::Other,
    number: 0,
    inside: 0,
};
