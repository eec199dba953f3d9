//! A map whose callbacks lie. No model can say what it holds; but what it does to memory and to
//! values is watched.

use std::ptr;
use std::rc::Rc;

use gomap::layout::{Hiter, Hmap};
use gomap::raw::*;
use maptype::MapType;

use super::fuzz::Settings;
use super::heap::{Memory, TestHeap};
use super::keys::{self, Hash};
use super::kinds::{Buf, Kind, key};
use super::ops::Op;
use super::scan::scan;
use super::tokens;

/// The most iterators at once.
const ITERATORS: usize = 4;

pub struct Liar {
    key: &'static Kind,
    elem: &'static Kind,
    #[allow(clippy::vec_box, reason = "an iterator stays where it was begun")]
    iters: Vec<Box<Hiter>>,
    t: Rc<MapType>,
    h: *mut Hmap,
    /// How many there must be.
    entries: isize,
    tokens: usize,
    heap: TestHeap,
}

impl Liar {
    /// A map of counted keys: they are watched best, and lie most. The map frees its memory, which
    /// is where something can be freed too early.
    pub fn new(settings: &Settings) -> Liar {
        let key = if settings.key.counted() {
            settings.key
        } else {
            key("counted in a box, updated")
        };
        keys::set(Hash::Unstable);
        let memory = match settings.memory {
            Memory::Traced => Memory::Owned,
            memory => memory,
        };
        let heap = TestHeap::new(memory, settings.era);
        let t = Rc::new(heap.map_type(&key.ty, &settings.elem.ty));
        // SAFETY: the descriptor is valid, and lives as long as this.
        let h = unsafe { makemap(&*t, 0, ptr::null_mut()) };
        Liar {
            key,
            elem: settings.elem,
            iters: Vec::new(),
            t,
            h,
            entries: 0,
            tokens: tokens::live(),
            heap,
        }
    }

    /// Does an operation.
    pub fn apply(&mut self, op: Op) {
        // SAFETY: the map, its descriptor and the heap are this value's own.
        unsafe {
            match op {
                Op::Insert(id, elem) => self.insert(id.into(), elem.into()),
                // A batch does not say which keys it took over.
                Op::InsertRun(id, n) | Op::InsertMany(id, n) => {
                    (0..n as u32).for_each(|i| self.insert(id as u32 + i, i));
                }
                Op::Get(id) => self.get(id.into()),
                Op::GetMany(id, n) => (0..n as u32).for_each(|i| self.get(id as u32 + i)),
                Op::Delete(id) => self.delete(id.into()),
                Op::DeleteRun(id, n) => (0..n as u32).for_each(|i| self.delete(id as u32 + i)),
                Op::Clear => {
                    mapclear(&*self.t, self.h);
                    self.entries = 0;
                }
                Op::Clone => mapfree(&*self.t, mapclone(&*self.t, self.h)),
                Op::Succeed => {
                    let clone = mapclone(&*self.t, self.h);
                    // Entries that are said to be equal become one.
                    self.entries = self.entries.min((*clone).count);
                    mapfree(&*self.t, std::mem::replace(&mut self.h, clone));
                }
                Op::Remake(hint) => {
                    mapfree(&*self.t, self.h);
                    self.h = makemap(&*self.t, hint as isize % 3000, ptr::null_mut());
                    self.entries = 0;
                }
                Op::Start => self.start(),
                Op::Step(which, n) => self.step(which, n),
                Op::Done(which) => self.done(which),
                Op::Scan(budget) => scan(&self.heap, &self.t, self.h, budget.into()),
            }
        }
        self.verify();
    }

    /// Every entry is there, and nothing that is not part of one.
    fn verify(&self) {
        // SAFETY: the map is alive.
        assert_eq!(unsafe { (*self.h).count }, self.entries);
        if self.iters.is_empty() {
            let tokens = 1 + self.elem.counted() as usize;
            let entries = self.entries as usize;
            assert_eq!(tokens::live() - self.tokens, tokens * entries);
        }
    }

    fn key(&self, id: u32) -> Buf {
        let mut buf = Buf::new();
        (self.key.write)(buf.mut_ptr(), id % self.key.ids, 0);
        buf
    }

    fn end_key(&self, mut buf: Buf) {
        if let Some(end) = self.key.end {
            end(buf.mut_ptr());
        }
    }

    unsafe fn insert(&mut self, id: u32, elem: u32) {
        let key = self.key(id);
        // SAFETY: a key of the map's type.
        let assigned = unsafe { try_mapassign(&*self.t, self.h, key.ptr()) }.expect("memory");
        if assigned.existed
            && let Some(end) = self.elem.end
        {
            end(assigned.elem);
        }
        (self.elem.write)(assigned.elem, elem % self.elem.ids, 0);
        self.entries += !assigned.existed as isize;
        if !assigned.key_taken {
            self.end_key(key);
        }
    }

    unsafe fn get(&mut self, id: u32) {
        let key = self.key(id);
        // SAFETY: a key of the map's type.
        let (elem, found) = unsafe { mapaccess2(&*self.t, self.h, key.ptr()) };
        if found {
            (self.elem.read)(elem);
        }
        self.end_key(key);
    }

    unsafe fn delete(&mut self, id: u32) {
        let key = self.key(id);
        // SAFETY: a key of the map's type.
        let deleted = unsafe { try_mapdelete(&*self.t, self.h, key.ptr()) }.expect("memory");
        self.entries -= deleted as isize;
        self.end_key(key);
    }

    unsafe fn start(&mut self) {
        if self.iters.len() == ITERATORS {
            self.done(0);
        }
        let mut it = Box::new(Hiter::zeroed());
        // SAFETY: the map is alive.
        unsafe { mapiterinit(&*self.t, self.h, &mut *it) };
        self.iters.push(it);
    }

    fn step(&mut self, which: u8, n: u8) {
        let len = self.iters.len().max(1);
        let Some(it) = self.iters.get_mut(which as usize % len) else {
            return;
        };
        for _ in 0..n {
            // SAFETY: begun; its map is alive, or was freed with `mapfree`.
            unsafe { mapiternext(&mut **it) };
            // An elem may be one that was replaced: of a key that says it does not equal itself,
            // the map shows what was there when its bucket moved.
            if !it.key.is_null() {
                (self.key.read)(it.key);
            }
        }
    }

    fn done(&mut self, which: u8) {
        if !self.iters.is_empty() {
            let mut it = self.iters.swap_remove(which as usize % self.iters.len());
            // SAFETY: begun; its map is alive, or was freed with `mapfree`.
            unsafe { mapiterdone(&mut *it) };
        }
    }

    /// Frees everything, and finds nothing left.
    pub fn end(mut self) {
        // SAFETY: the map is alive, and used after this by its iterators only.
        unsafe { mapfree(&*self.t, self.h) };
        while !self.iters.is_empty() {
            self.step(0, 3);
            self.done(0);
        }
        keys::set(Hash::Good);
        assert_eq!(self.heap.bytes(), 0, "memory was not given back");
        assert_eq!(tokens::live(), self.tokens, "values were not dropped");
    }
}
