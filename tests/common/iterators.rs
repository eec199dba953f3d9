//! Iterators under the eye of a model: what is present throughout comes once, what was deleted does
//! not come.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use gomap::layout::{Bmap, Hiter, Hmap, noCheck, sameSizeGrow};
use gomap::raw::{mapiterdone, mapiternext, try_mapiterinit};
use maptype::{AllocError, Era, MapType};

use super::kinds::Kind;
use super::model::Model;

/// An iteration, and what it may still visit.
pub struct Iter {
    it: Box<Hiter>,
    key: &'static Kind,
    elem: &'static Kind,
    model: Rc<RefCell<Model>>,
    /// Entries that were there at the start.
    start: BTreeSet<u64>,
    seen: BTreeSet<u64>,
    /// Whether every entry visited must be in the map; after a clear, some eras show stale ones.
    strict: bool,
    /// The same, for keys that equal nothing: they cannot be looked up.
    strict_unequal: bool,
    /// Whether no entry may be visited twice.
    unique: bool,
    /// Whether keys that equal nothing must not be missed.
    complete_unequal: bool,
    /// Whether the map was freed, which ends the iteration.
    freed: bool,
    /// The growth in which the old chain that the iterator is in was entered.
    entered: Option<Growth>,
}

/// A growth, told by its old array.
#[derive(Clone, Copy, PartialEq)]
struct Growth {
    from: *mut Bmap,
    same_size: bool,
}

impl Iter {
    /// Starts an iteration.
    ///
    /// # Safety
    /// `h` is a map of `t`, of these kinds, and the model is its.
    pub unsafe fn start(
        t: &MapType,
        h: *mut Hmap,
        key: &'static Kind,
        elem: &'static Kind,
        model: &Rc<RefCell<Model>>,
    ) -> Result<Iter, AllocError> {
        let mut it = Box::new(Hiter::zeroed());
        // SAFETY: the caller's promise.
        unsafe { try_mapiterinit(t, h, &mut *it)? };
        let mut iter = Iter {
            it,
            key,
            elem,
            model: model.clone(),
            start: model.borrow().numbers(),
            seen: BTreeSet::new(),
            strict: true,
            strict_unequal: true,
            unique: true,
            complete_unequal: true,
            freed: false,
            entered: None,
        };
        iter.look();
        iter.note_growth();
        Ok(iter)
    }

    /// The model of the map that is iterated.
    pub fn model(&self) -> &Rc<RefCell<Model>> {
        &self.model
    }

    pub fn ended(&self) -> bool {
        self.it.key.is_null()
    }

    /// Goes to the next entry.
    pub fn step(&mut self) {
        if !self.ended() {
            self.expect_what_go_does();
            // SAFETY: begun, and not done; the map is alive or was freed with `mapfree`.
            unsafe { mapiternext(&mut *self.it) };
            self.look();
            assert!(self.ended() || !self.freed, "a freed map has an entry");
            self.note_growth();
        }
    }

    /// Notes that the map is about to be freed.
    pub fn freed(&mut self) {
        self.freed = true;
    }

    /// The growth under way.
    fn growth(&self) -> Growth {
        // SAFETY: the header of a map that an iterator is on is there, as long as the iteration has
        // not ended.
        let h = unsafe { &*self.it.h };
        Growth {
            from: h.oldbuckets,
            same_size: h.flags & sameSizeGrow != 0,
        }
    }

    fn note_growth(&mut self) {
        let in_old_chain = !self.ended() && self.it.checkBucket != noCheck;
        self.entered = in_old_chain.then(|| self.growth());
    }

    /// Whether an old chain splits is asked of the growth that is under way, even if the chain was
    /// entered in another.
    fn expect_what_go_does(&mut self) {
        if let Some(entered) = self.entered {
            let now = self.growth();
            self.complete_unequal &= !entered.same_size || now == entered;
            self.unique &= entered.same_size || !now.same_size;
        }
    }

    /// Notes that the map is about to be cleared, whose buckets have this size.
    pub fn cleared(&mut self, era: Era, chained_or_growing: bool, h: *const Hmap, bucketsize: u16) {
        // SAFETY: the map is alive (caller).
        let (buckets, oldbuckets) = unsafe { ((*h).buckets, (*h).oldbuckets) };
        let old = self.it.buckets != buckets;
        let in_its_own_array = self.it.checkBucket == noCheck;
        self.strict &= era == Era::Go123 || !(chained_or_growing || old);
        let reset = !old || self.it.buckets == oldbuckets;
        self.strict_unequal &= self.strict && in_its_own_array && reset;
        // Another chain may come to use the overflow bucket that the iterator is in.
        let main = self.it.bptr.addr().wrapping_sub(buckets.addr());
        let in_main = main < (bucketsize as usize) << self.it.B;
        self.unique &= self.it.bptr.is_null() || in_main;
    }

    /// Compares the entry that the iterator is at with the model.
    fn look(&mut self) {
        let model = self.model.borrow();
        if self.ended() {
            for (&(id, _), entry) in &model.entries {
                let started = self.start.contains(&entry.number);
                let excused =
                    self.freed || !self.strict || !self.complete_unequal && (self.key.unequal)(id);
                let seen = self.seen.contains(&entry.number);
                assert!(seen || excused || !started, "an iteration missed {id}");
            }
            return;
        }
        let (id, variant) = (self.key.read)(self.it.key);
        let (elem, _) = (self.elem.read)(self.it.elem);
        if !self.strict || (!self.strict_unequal && (self.key.unequal)(id)) {
            return;
        }
        let entry = model.entries.get(&Model::key(self.key, id, variant));
        let entry = entry.unwrap_or_else(|| panic!("an iteration showed {id}, which is not there"));
        assert_eq!((entry.elem, entry.variant), (elem, variant));
        let first = self.seen.insert(entry.number);
        assert!(first || !self.unique, "an iteration showed {id} twice");
    }

    /// Goes on to the end.
    pub fn finish(&mut self) {
        while !self.ended() {
            self.step();
        }
    }

    /// Ends the iteration where it is; what glue unwinds with comes through.
    pub fn done(&mut self) {
        // SAFETY: begun; the map is alive or was freed with `mapfree`.
        unsafe { mapiterdone(&mut *self.it) }
    }
}

impl Drop for Iter {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.done();
        }
    }
}
