//! Iterators under the eye of a model: what is present throughout comes once, what was deleted does not come.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use gomap::layout::{Hiter, Hmap};
use gomap::raw::{mapiterdone, mapiternext, try_mapiterinit};
use maptype::{AllocError, MapType};

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
    /// The same, for keys that equal nothing: nobody can look up whether they are still there.
    strict_unequal: bool,
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
        };
        iter.look();
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
            // SAFETY: begun, and not done; the map is alive or was freed with `mapfree`.
            unsafe { mapiternext(&mut *self.it) };
            self.look();
        }
    }

    /// Notes that the map is about to be cleared.
    pub fn cleared(&mut self, era_hides_cleared: bool, chained_or_growing: bool, h: *const Hmap) {
        // SAFETY: the map is alive (caller).
        let (buckets, oldbuckets) = unsafe { ((*h).buckets, (*h).oldbuckets) };
        let old = self.it.buckets != buckets;
        self.strict &= era_hides_cleared || !(chained_or_growing || old);
        self.strict_unequal &= self.strict && (!old || self.it.buckets == oldbuckets);
    }

    /// Compares the entry that the iterator is at with the model.
    fn look(&mut self) {
        let model = self.model.borrow();
        if self.ended() {
            if self.strict {
                let missed =
                    |number: &&u64| self.start.contains(number) && !self.seen.contains(number);
                let numbers = model.numbers();
                let missed: Vec<_> = numbers.iter().filter(missed).collect();
                assert!(missed.is_empty(), "an iteration missed entries {missed:?}");
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
        assert!(
            self.seen.insert(entry.number),
            "an iteration showed {id} twice"
        );
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
