//! A map that is compared with its model.

use std::cell::RefCell;
use std::ptr;
use std::rc::Rc;

use gomap::inspect::check;
use gomap::layout::{Hmap, sameSizeGrow};
use gomap::raw::*;
use maptype::alg::GoString;
use maptype::{AllocError, Era, MapType};

use super::batch::is_zero;
use super::faults::{self, Fault, Told};
use super::heap::{Memory, TestHeap};
use super::iterators::Iter;
use super::keys;
use super::kinds::{Buf, Fast, Kind};
use super::model::Model;
use super::ops::Op;
use super::scan::scan;
use super::tokens;

/// The most iterators at once.
const ITERATORS: usize = 6;

/// What a subject has passed through.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Passed {
    pub doubled: bool,
    pub same_size: bool,
    pub chained: bool,
    pub cleared_growing: bool,
    pub cloned_growing: bool,
    pub iterated_growth: bool,
    pub freed_iterated: bool,
}

pub struct Subject {
    pub(super) key: &'static Kind,
    pub(super) elem: &'static Kind,
    iters: Vec<Iter>,
    pub(super) t: Rc<MapType>,
    pub(super) h: *mut Hmap,
    pub(super) model: Rc<RefCell<Model>>,
    serial: u32,
    era: Era,
    pub(super) memory: Memory,
    pub passed: Passed,
    tokens: usize,
    pub(super) heap: TestHeap,
}

/// How an operation failed, and what that may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed(pub Fault);

impl From<AllocError> for Failed {
    fn from(_: AllocError) -> Failed {
        Failed(Fault::NoMemory)
    }
}

impl Subject {
    pub fn new(key: &'static Kind, elem: &'static Kind, memory: Memory, era: Era) -> Subject {
        let heap = TestHeap::new(memory, era);
        let t = Rc::new(heap.map_type(&key.ty, &elem.ty));
        // SAFETY: the descriptor is valid, and lives as long as the subject.
        let h = unsafe { makemap(&*t, 0, ptr::null_mut()) };
        Subject {
            key,
            elem,
            t,
            h,
            model: Rc::default(),
            iters: Vec::new(),
            serial: 0,
            era,
            memory,
            passed: Passed::default(),
            tokens: tokens::live(),
            heap,
        }
    }

    /// Does an operation; if it fails, everything is as it was, but for what the fault excuses.
    pub fn apply(&mut self, op: Op) -> Result<(), Failed> {
        // SAFETY: the map, its descriptor and the heap are this subject's own.
        let done = faults::catch::<Fault, _>(|| unsafe { self.attempt(op) });
        done.unwrap_or_else(|fault| Err(Failed(fault)))
    }

    unsafe fn attempt(&mut self, op: Op) -> Result<(), Failed> {
        // SAFETY: the map is alive.
        unsafe {
            match op {
                Op::Insert(id, elem) => self.insert(id.into(), elem.into())?,
                Op::InsertRun(id, n) => {
                    for i in 0..n as u32 {
                        self.insert(id as u32 + i, i)?;
                    }
                }
                Op::InsertMany(id, n) => self.insert_many(id.into(), n.into())?,
                Op::Get(id) => self.get(id.into()),
                Op::GetMany(id, n) => self.get_many(id.into(), n.into()),
                Op::Delete(id) => self.delete(id.into())?,
                Op::DeleteRun(id, n) => {
                    for i in 0..n as u32 {
                        self.delete(id as u32 + i)?;
                    }
                }
                Op::Clear => self.clear()?,
                Op::Clone => self.clone_map(false)?,
                Op::Succeed => self.clone_map(true)?,
                Op::Remake(hint) => self.remake(hint)?,
                Op::Start => self.start()?,
                Op::Step(which, n) => self.step(which, n),
                Op::Done(which) => self.done(which),
                Op::Scan(budget) => scan(&self.heap, &self.t, self.h, budget.into()),
            }
        }
        Ok(())
    }

    pub(super) fn id(&self, id: u32) -> u32 {
        id % self.key.ids.min(keys::universe())
    }

    /// A variant for a key: one that was not used before, if it equals nothing.
    pub(super) fn variant(&mut self, id: u32) -> u32 {
        self.serial += 1;
        if (self.key.unequal)(id) {
            self.serial
        } else {
            self.serial % (self.key.variants)(id)
        }
    }

    pub(super) unsafe fn insert(&mut self, id: u32, elem: u32) -> Result<(), Failed> {
        self.note_state();
        let (id, elem) = (self.id(id), elem % self.elem.ids);
        let variant = self.variant(id);
        let known = Model::key(self.key, id, variant);
        let existed = self.model.borrow().entries.contains_key(&known);
        let mut buf = Buf::new();
        (self.key.write)(buf.mut_ptr(), id, variant);
        let assigned = faults::catch::<Fault, _>(|| {
            // SAFETY: a key of the map's type.
            faults::catch::<Told, _>(|| unsafe { self.assign(buf.ptr(), existed) })
        });
        let failed = match assigned {
            Ok(Ok(Ok((place, key_taken)))) => {
                if !existed {
                    // SAFETY: an elem.
                    assert!(unsafe { is_zero(place, self.elem) }, "a new elem is zeroed");
                } else if let Some(end) = self.elem.end {
                    end(place);
                }
                (self.elem.write)(place, elem, 0);
                let kept = self.model.borrow().entries.get(&known).map(|e| e.variant);
                let variant = kept.filter(|_| !key_taken).unwrap_or(variant);
                self.model.borrow_mut().insert(self.key, id, variant, elem);
                if !key_taken {
                    self.end_key(&mut buf);
                }
                return Ok(());
            }
            Ok(Ok(Err(AllocError))) => Fault::NoMemory,
            Ok(Err(told)) => {
                assert_eq!(told, Told::Throw("out of memory".into()));
                Fault::NoMemory
            }
            Err(fault) => fault,
        };
        // The glue of a key that was replaced runs last.
        if failed == Fault::Drop {
            let elem = self.model.borrow().entries[&known].elem;
            self.model.borrow_mut().insert(self.key, id, variant, elem);
        } else {
            self.end_key(&mut buf);
        }
        Err(Failed(failed))
    }

    fn end_key(&self, buf: &mut Buf) {
        self.end_key_at(buf.mut_ptr());
    }

    /// Ends a key that the map did not take over.
    pub(super) fn end_key_at(&self, key: *mut u8) {
        if let Some(end) = self.key.end {
            end(key);
        }
    }

    /// Whether to call a fast function this time.
    fn fast(&self) -> Fast {
        if self.serial % 4 < 2 || self.t.indirectelem() {
            Fast::None
        } else {
            self.key.fast
        }
    }

    /// Where the elem is, and whether the key was taken over.
    unsafe fn assign(
        &mut self,
        key: *const u8,
        existed: bool,
    ) -> Result<(*mut u8, bool), AllocError> {
        let (t, h) = (&raw const *self.t, self.h);
        let taken = !existed || self.key.ty.need_key_update();
        let lacks = faults::lacks();
        // SAFETY: the key fits the function.
        unsafe {
            let elem = match self.fast() {
                Fast::Word32 => mapassign_fast32(t, h, key.cast::<u32>().read()),
                Fast::Word64 => mapassign_fast64(t, h, key.cast::<u64>().read()),
                Fast::Str => mapassign_faststr(t, h, key.cast::<GoString>().read()),
                Fast::None => {
                    let assigned = try_mapassign(t, h, key)?;
                    assert_eq!(assigned.existed, existed);
                    let kept = existed && self.key.counted() && faults::lacks() != lacks;
                    assert!(assigned.key_taken == taken || kept);
                    return Ok((assigned.elem, assigned.key_taken));
                }
            };
            Ok((elem, taken))
        }
    }

    unsafe fn access(&self, key: *const u8) -> (*mut u8, bool) {
        let (t, h) = (&raw const *self.t, self.h);
        // SAFETY: the key fits the function.
        unsafe {
            match self.fast() {
                Fast::Word32 => mapaccess2_fast32(t, h, key.cast::<u32>().read()),
                Fast::Word64 => mapaccess2_fast64(t, h, key.cast::<u64>().read()),
                Fast::Str => mapaccess2_faststr(t, h, key.cast::<GoString>().read()),
                Fast::None => mapaccess2(t, h, key),
            }
        }
    }

    unsafe fn get(&mut self, id: u32) {
        let id = self.id(id);
        let variant = self.variant(id);
        let expected = {
            let model = self.model.borrow();
            model.entries.get(&(id, 0)).copied()
        };
        let mut buf = Buf::new();
        (self.key.write)(buf.mut_ptr(), id, variant);
        let found = faults::catch::<Fault, _>(|| {
            // SAFETY: a key of the map's type.
            unsafe {
                (
                    self.access(buf.ptr()),
                    mapaccessK(&*self.t, self.h, buf.ptr()),
                )
            }
        });
        self.end_key(&mut buf);
        let ((place, found), (key, elem)) =
            found.unwrap_or_else(|fault| std::panic::resume_unwind(Box::new(fault)));
        if (self.key.unequal)(id) {
            assert!(!found, "a key that equals nothing was found");
            return;
        }
        assert_eq!(found, expected.is_some(), "key {id}");
        match expected {
            Some(entry) => {
                assert_eq!((self.key.read)(key), (id, entry.variant));
                assert_eq!((self.elem.read)(place).0, entry.elem);
                assert_eq!(elem, place);
            }
            None => {
                assert!(key.is_null() && elem.is_null());
                // SAFETY: a zero value has as many bytes as an elem.
                assert!(unsafe { is_zero(place, self.elem) });
            }
        }
    }

    unsafe fn delete(&mut self, id: u32) -> Result<(), Failed> {
        self.note_state();
        let id = self.id(id);
        let variant = self.variant(id);
        let existed = self.model.borrow().entries.contains_key(&(id, 0));
        let mut buf = Buf::new();
        (self.key.write)(buf.mut_ptr(), id, variant);
        let deleted = faults::catch::<Fault, _>(|| {
            // SAFETY: a key of the map's type.
            faults::catch::<Told, _>(|| unsafe { self.remove(buf.ptr(), existed) })
        });
        self.end_key(&mut buf);
        let failed = match deleted {
            Ok(Ok(Ok(()))) => {
                self.model.borrow_mut().entries.remove(&(id, 0));
                return Ok(());
            }
            Ok(Ok(Err(AllocError)) | Err(_)) => Fault::NoMemory,
            Err(fault) => fault,
        };
        // Glue runs last; and of a barrier, a seed or an unwinding allocator no more is asked than
        // that the entry is either there or not.
        let gone = match failed {
            Fault::NoMemory | Fault::Hash | Fault::Equal => false,
            // SAFETY: the map is alive.
            _ => unsafe { (*self.h).count as usize != self.model.borrow().len() },
        };
        if gone {
            self.model.borrow_mut().entries.remove(&(id, 0));
        }
        Err(Failed(failed))
    }

    unsafe fn remove(&mut self, key: *const u8, existed: bool) -> Result<(), AllocError> {
        let (t, h) = (&raw const *self.t, self.h);
        // SAFETY: the key fits the function.
        unsafe {
            match self.fast() {
                Fast::Word32 => mapdelete_fast32(t, h, key.cast::<u32>().read()),
                Fast::Word64 => mapdelete_fast64(t, h, key.cast::<u64>().read()),
                Fast::Str => mapdelete_faststr(t, h, key.cast::<GoString>().read()),
                Fast::None => assert_eq!(try_mapdelete(t, h, key)?, existed),
            }
        }
        Ok(())
    }

    /// Overwrites, looks up and removes every key that can be found; that takes no memory. Returns
    /// whether a growth could not go on meanwhile: each overwriting would have taken it further by
    /// a bucket.
    pub fn empty(&mut self) -> bool {
        let mut ids: Vec<u32> = self
            .model
            .borrow()
            .entries
            .keys()
            .map(|&(id, _)| id)
            .collect();
        ids.retain(|&id| !(self.key.unequal)(id));
        let done = |subject: &mut Subject, op| {
            assert_eq!(subject.apply(op), Ok(()), "{op:?} asked for memory");
        };
        for &id in &ids {
            done(self, Op::Insert(id as u16, id as u16 + 1));
            done(self, Op::Get(id as u16));
        }
        faults::spared(|| self.verify());
        // SAFETY: the map is alive.
        let h = unsafe { &*self.h };
        let stuck = !h.oldbuckets.is_null() && ids.len() >= 1 << h.B;
        // Every third key first, so that chains get holes.
        ids.sort_by_key(|id| id % 3);
        for (i, &id) in ids.iter().enumerate() {
            done(self, Op::Delete(id as u16));
            done(self, Op::Get(id as u16));
            if i % 8 == 0 {
                faults::spared(|| self.verify());
            }
        }
        self.iters.iter_mut().for_each(Iter::finish);
        stuck
    }

    unsafe fn clear(&mut self) -> Result<(), Failed> {
        // SAFETY: the map is alive.
        let (growing, chained) =
            unsafe { (!(*self.h).oldbuckets.is_null(), (*self.h).noverflow != 0) };
        for iter in &mut self.iters {
            if Rc::ptr_eq(iter.model(), &self.model) {
                iter.cleared(self.era, growing || chained, self.h, self.t.bucketsize);
            }
        }
        // SAFETY: the map is alive.
        let cleared = faults::catch::<Fault, _>(|| unsafe { try_mapclear(&*self.t, self.h) });
        // SAFETY: the map is alive.
        if unsafe { (*self.h).count } == 0 {
            self.model.borrow_mut().entries.clear();
            self.passed.cleared_growing |= growing;
        }
        match cleared {
            Ok(done) => Ok(done?),
            Err(fault) => Err(Failed(fault)),
        }
    }

    /// Frees a map. In a heap that the map does not own, its iterators end first.
    unsafe fn free(&mut self, h: *mut Hmap, model: &Rc<RefCell<Model>>) {
        if self.memory == Memory::Traced {
            self.iters.retain(|iter| !Rc::ptr_eq(iter.model(), model));
        }
        for iter in &mut self.iters {
            if Rc::ptr_eq(iter.model(), model) {
                iter.freed();
                self.passed.freed_iterated = true;
            }
        }
        // SAFETY: the map is alive, and not used after this but by its iterators.
        unsafe { mapfree(&*self.t, h) }
    }

    unsafe fn clone_map(&mut self, keep: bool) -> Result<(), Failed> {
        // SAFETY: the map is alive.
        unsafe {
            let clone = try_mapclone(&*self.t, self.h, ptr::null_mut())?;
            let original = std::mem::replace(&mut self.h, clone);
            let model = Rc::new(RefCell::new(self.model.borrow().clone()));
            let original_model = std::mem::replace(&mut self.model, model);
            self.passed.cloned_growing |= !(*original).oldbuckets.is_null();
            let whole = faults::catch::<Fault, _>(|| self.verify());
            if keep && whole.is_ok() {
                self.free(original, &original_model);
            } else {
                self.h = original;
                let model = std::mem::replace(&mut self.model, original_model);
                self.free(clone, &model);
            }
            whole.map_err(Failed)
        }
    }

    unsafe fn remake(&mut self, hint: u16) -> Result<(), Failed> {
        // SAFETY: the map is alive until it is freed.
        unsafe {
            let fresh = try_makemap(&*self.t, hint as isize % 3000, ptr::null_mut())?;
            let old = std::mem::replace(&mut self.h, fresh);
            let model = std::mem::take(&mut self.model);
            self.free(old, &model);
        }
        Ok(())
    }

    /// Starts an iteration; not where values are dropped that a collector keeps: an iterator may
    /// still look at them.
    unsafe fn start(&mut self) -> Result<(), Failed> {
        if self.memory == Memory::Traced && (self.key.counted() || self.elem.counted()) {
            return Ok(());
        }
        if self.iters.len() == ITERATORS {
            self.iters.remove(0);
        }
        // SAFETY: the map is alive.
        let iter = unsafe { Iter::start(&self.t, self.h, self.key, self.elem, &self.model)? };
        self.iters.push(iter);
        Ok(())
    }

    fn step(&mut self, which: u8, n: u8) {
        let len = self.iters.len().max(1);
        if let Some(iter) = self.iters.get_mut(which as usize % len) {
            // SAFETY: the map is alive.
            self.passed.iterated_growth |= unsafe { !(*self.h).oldbuckets.is_null() };
            (0..n).for_each(|_| iter.step());
        }
    }

    fn done(&mut self, which: u8) {
        if !self.iters.is_empty() {
            let mut iter = self.iters.swap_remove(which as usize % self.iters.len());
            iter.done();
        }
    }

    pub(super) fn note_state(&mut self) {
        // SAFETY: the map is alive.
        unsafe {
            let h = &*self.h;
            let growing = !h.oldbuckets.is_null();
            let same_size = h.flags & sameSizeGrow != 0;
            self.passed.same_size |= growing && same_size;
            self.passed.doubled |= growing && !same_size;
            self.passed.chained |= h.noverflow > 1;
        }
    }

    /// Proves the map whole, and compares it with the model entry by entry.
    pub fn verify(&mut self) {
        // SAFETY: the map is alive; the keys are of its type.
        unsafe {
            if let Err(broken) = check(&*self.t, self.h) {
                panic!("{broken}");
            }
            let model = self.model.clone();
            assert_eq!((*self.h).count as usize, model.borrow().len());
            let known: Vec<u32> = model.borrow().entries.keys().map(|key| key.0).collect();
            for id in known {
                self.get(id);
            }
        }
    }

    /// Bytes that the heap has given and not got back.
    pub fn bytes(&self) -> usize {
        self.heap.bytes()
    }

    /// Frees everything, and finds nothing left.
    pub fn end(mut self) {
        let half = self.iters.len() / 2;
        self.iters.drain(..half).for_each(|mut iter| iter.finish());
        let model = self.model.clone();
        // SAFETY: the map is alive, and not used after this but by its iterators.
        unsafe { self.free(self.h, &model) };
        for iter in &mut self.iters {
            iter.step();
        }
        self.iters.clear();
        if self.memory != Memory::Traced {
            assert_eq!(self.heap.bytes(), 0, "memory was not given back");
        }
        assert_eq!(tokens::live(), self.tokens, "values were not dropped");
    }
}
