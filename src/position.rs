//! A position in a map as plain data: iteration without state in the map.
//!
//! An [`Hiter`](crate::layout::Hiter) points into the map, and the map keeps what it may read. A [`Position`] is two
//! words of numbers. It can be kept in a VM's register or a script's object, be copied, be dropped, and be resumed at any
//! time: after insertions, deletions, growth, [`mapclear`](crate::raw::mapclear), a collection that moved the map.
//!
//! # The order
//! Entries are visited in the order of their *rank*: the hash of the key, its bits reversed. A position is the rank of
//! the last entry visited. The low bits of a hash choose the bucket, so they are the high bits of the rank: each chain
//! of 2^B holds the ranks of one interval, the intervals of one array come one after the other, and a growth cuts each
//! of them in two halves. The next rank is searched for in the chain of the interval that the position is in, then in
//! those that follow.
//!
//! # What is guaranteed
//! 1. An entry that is in the map from the first step to the last is visited exactly once.
//! 2. One that is inserted in between is visited at most once, and one that is deleted is not visited afterwards.
//! 3. Exception: keys of the same hash share a rank, and are told apart by counting, in the order of the chain. If,
//!    while the position is among them, others are inserted, or some not visited yet are deleted, some may be visited
//!    twice. If between the same two steps some are deleted and others inserted, one may be missed.
//! 4. Exception: keys that are not equal to themselves (NaN) have no stable hash. They get the lowest rank of their
//!    chain, and count as having the same hash there. After a growth between two steps they may be visited twice.
//!
//! A step on an empty map is the end.
//!
//! *Why.* The rank of an entry does not change while it is in the map: `hash0` changes only when the map is empty. The
//! position's rank only rises. Each step visits the lowest rank in the map above the position's, since all ranks of an
//! interval are in one chain, of the old array until it is evacuated and of the new one after. So an entry that is in
//! the map throughout is visited when the position passes its rank, which happens once.
//!
//! Within one rank, let `passed` entries be visited, and `left` entries after them not. They are in the order of the
//! chain, which evacuation keeps, as all keys of one hash go to the same bucket. After deletions alone, the entries not
//! visited are among the last `left`. After insertions alone, which fill gaps or the end, they are behind the first
//! `passed`. Which rule applies follows from whether there are more entries now. It is wrong only after both.
//!
//! # What it costs
//! A step hashes the keys of one chain, six or seven on average, where an `Hiter` hashes none; nothing is allocated.

use maptype::MapType;

use crate::bucket::{Bucket, Cell, Needle};
use crate::header::sizes::bucketMask;
use crate::header::{bucketEvacuated, flags, growing, oldbucketmask};
use crate::layout::Hmap;
use crate::raw::observe;
use crate::shape::{Erased, Shape};

/// A position in a map, with the guarantees of [the module](self). Zeroes are the start.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Position {
    /// The rank of the last entry visited; the least one to visit if `passed` is 0.
    rank: usize,
    /// Entries of this rank that were visited.
    passed: u32,
    /// Entries of this rank that were not.
    left: u32,
}

impl Position {
    /// Before the first entry.
    pub const START: Position = Position::before(0);

    /// Behind the last entry.
    pub const END: Position = Position {
        rank: usize::MAX,
        passed: u32::MAX,
        left: 0,
    };

    const fn before(rank: usize) -> Position {
        Position {
            rank,
            passed: 0,
            left: 0,
        }
    }

    /// Advances to the next entry and returns its key and elem, to be read before the map is next
    /// written to. `None` at the end, and ever after. A key that is to be passed to a write is copied first, as
    /// the growth work of the write may clear its slot.
    ///
    /// If the hash or the equality of a key unwinds, the position stays where it was.
    ///
    /// # Safety
    /// `t` is *valid*; `h` is *of `t`*, and the map of the steps before; *shared* (see [`raw`](crate::raw#safety)).
    pub unsafe fn next(&mut self, t: *const MapType, h: *const Hmap) -> Option<(*mut u8, *mut u8)> {
        // SAFETY: `t` is valid; `h` is null or a map of `t`, so that `Erased` fits it; *shared*.
        unsafe {
            let s = Erased(&*t);
            let cell = self.advance(s, h)?;
            Some((cell.key(s), cell.elem(s)))
        }
    }

    /// [`Position::next`], over any shape.
    ///
    /// # Safety
    /// As [`Position::next`]; `s` *fits* `h`.
    pub(crate) unsafe fn advance<S: Shape>(&mut self, s: S, h: *const Hmap) -> Option<Cell> {
        observe::reads_map(s, h);
        // SAFETY: `s` fits `h`, which is null or a map; *shared*. A map with entries has buckets.
        unsafe {
            if *self == Position::END || h.is_null() || (*h).count == 0 {
                *self = Position::END;
                return None;
            }
            if !S::EXCLUSIVE {
                flags::check_not_writing(s.t(), h, "concurrent map iteration and map write");
            }
            let mut from = *self;
            loop {
                let chain = Chain::of(s, h, from.rank);
                let seen = chain.survey(s, h, from);
                if let Some((cell, position)) = chain.choose(s, h, from, seen) {
                    *self = position;
                    return Some(cell);
                }
                let Some(next) = chain.last().checked_add(1) else {
                    *self = Position::END;
                    return None;
                };
                from = Position::before(next);
            }
        }
    }

    /// The position of an entry with this hash whose key `equal` accepts; it need not be in the map (any more).
    ///
    /// # Safety
    /// `s` *fits* `h`, which has entries; *shared*.
    pub(crate) unsafe fn of_key<S: Shape>(
        s: S,
        h: *const Hmap,
        hash: usize,
        mut equal: impl FnMut(*const u8) -> bool,
    ) -> Position {
        let mut position = Position::before(hash.reverse_bits());
        let (mut seen, mut found) = (0, 0);
        // SAFETY: `s` fits `h`, which has entries, so buckets; *shared*; candidates hold keys.
        unsafe {
            for b in Chain::of(s, h, position.rank).head.chain(s) {
                for i in b.row().like(Needle::of(hash)) {
                    let key = b.key(s, i);
                    if s.hash(key, (*h).hash0) == hash {
                        seen += 1;
                        if equal(key) {
                            found = seen;
                        }
                    }
                }
            }
        }
        // If others of this hash follow, there are more than were passed.
        position.passed = found;
        position
    }
}

/// The entry after that of `key`, like Lua's `next`; the first entry if `key` is null. `None` at the end.
///
/// Nothing is kept between calls. The order and the guarantees are those of a [`Position`]; if the last one of several
/// keys with the same hash was deleted, the others are visited again. Keys that are not equal to themselves are
/// skipped; passed as `key`, they are at the end.
///
/// Unlike in Lua, entries may also be inserted between calls, and `key` need not ever have been in the map.
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `key` is null or a *key*; *shared* (see [`raw`](crate::raw#safety)).
pub unsafe fn mapnext(
    t: *const MapType,
    h: *const Hmap,
    key: *const u8,
) -> Option<(*mut u8, *mut u8)> {
    // SAFETY: `t` is valid; `h` is null or a map of `t`; `key` is null or a key; *shared*.
    unsafe {
        let s = Erased(&*t);
        if h.is_null() || (*h).count == 0 {
            return None;
        }
        let is_reflexive = |key: *const u8| s.reflexivekey() || s.equal(key, key);
        let mut position = if key.is_null() {
            Position::START
        } else if is_reflexive(key) {
            let hash = s.hash(key, (*h).hash0);
            Position::of_key(s, h, hash, |slot| s.equal(key, slot))
        } else {
            Position::END
        };
        loop {
            let (key, elem) = position.next(t, h)?;
            if is_reflexive(key) {
                return Some((key, elem));
            }
        }
    }
}

/// The chain that holds all entries of an interval of ranks.
struct Chain {
    head: Bucket,
    /// Ranks of the interval differ in these bits only.
    within: usize,
    /// The lowest rank.
    first: usize,
}

/// The result of one pass through a chain.
#[derive(Default)]
struct Survey {
    /// Entries of the position's rank, if some of them were visited.
    same: u32,
    /// The lowest rank to visit, with its first entry and how many there are.
    next: Option<(usize, Cell, u32)>,
}

impl Chain {
    /// The chain whose interval contains `rank`: in the old array until that one is evacuated.
    ///
    /// # Safety
    /// `s` *fits* `h`, which has buckets; *shared*.
    unsafe fn of<S: Shape>(s: S, h: *const Hmap, rank: usize) -> Chain {
        let hash = rank.reverse_bits();
        // SAFETY: `h` has buckets, and an old array if it is growing; masks keep indices within them.
        unsafe {
            if growing(h) {
                let mask = oldbucketmask(h);
                let index = hash & mask;
                if !bucketEvacuated(s, h, index) {
                    return Chain::new(Bucket::at(s, (*h).oldbuckets, index), mask, rank);
                }
            }
            let mask = bucketMask((*h).B);
            Chain::new(Bucket::at(s, (*h).buckets, hash & mask), mask, rank)
        }
    }

    fn new(head: Bucket, mask: usize, rank: usize) -> Chain {
        let within = !mask.reverse_bits();
        Chain {
            head,
            within,
            first: rank & !within,
        }
    }

    /// The highest rank of the interval.
    fn last(&self) -> usize {
        self.first | self.within
    }

    /// # Safety
    /// As [`Chain::of`]; `cell` is of this chain and has an entry.
    unsafe fn rank<S: Shape>(&self, s: S, h: *const Hmap, cell: Cell) -> usize {
        // SAFETY: `s` fits `h`; `cell` has an entry; *shared*.
        unsafe {
            let key = cell.key(s);
            if s.reflexivekey() || s.equal(key, key) {
                s.hash(key, (*h).hash0).reverse_bits()
            } else {
                self.first
            }
        }
    }

    /// The entries of the chain.
    ///
    /// # Safety
    /// As [`Chain::of`].
    unsafe fn cells<S: Shape>(&self, s: S) -> impl Iterator<Item = Cell> {
        // SAFETY: a chain of a map that `s` fits; *shared*.
        unsafe { self.head.chain(s) }.flat_map(|bucket| {
            // SAFETY: a bucket of that chain.
            let occupied = unsafe { bucket.row().occupied_anywhere() };
            occupied.map(move |i| Cell { bucket, i })
        })
    }

    /// Counts the entries of the position's rank, and finds the lowest rank to visit.
    ///
    /// # Safety
    /// As [`Chain::of`].
    unsafe fn survey<S: Shape>(&self, s: S, h: *const Hmap, from: Position) -> Survey {
        let mut seen = Survey::default();
        // SAFETY: `s` fits `h`, whose chain this is; its cells have entries; *shared*.
        unsafe {
            for cell in self.cells(s) {
                let rank = self.rank(s, h, cell);
                if rank < from.rank {
                    continue;
                }
                if rank == from.rank && from.passed != 0 {
                    seen.same += 1;
                    continue;
                }
                match &mut seen.next {
                    Some((lowest, _, count)) if rank == *lowest => *count += 1,
                    Some((lowest, ..)) if rank > *lowest => {}
                    next => *next = Some((rank, cell, 1)),
                }
            }
        }
        seen
    }

    /// The entry to visit, and the position after the visit.
    ///
    /// # Safety
    /// As [`Chain::of`]; `seen` is the survey of this chain from `from`.
    unsafe fn choose<S: Shape>(
        &self,
        s: S,
        h: *const Hmap,
        from: Position,
        seen: Survey,
    ) -> Option<(Cell, Position)> {
        let position = |rank, passed, left| Position { rank, passed, left };
        let skip = if seen.same > from.passed.saturating_add(from.left) {
            from.passed
        } else {
            seen.same - from.left.min(seen.same)
        };
        if skip < seen.same {
            // SAFETY: `s` fits `h`, whose chain this is; its cells have entries; *shared*. If the hash is
            // not stable, there may be fewer than `skip`.
            let cell = unsafe {
                self.cells(s)
                    .filter(|&cell| self.rank(s, h, cell) == from.rank)
                    .nth(skip as usize)
            };
            if let Some(cell) = cell {
                let left = seen.same - skip - 1;
                return Some((cell, position(from.rank, skip + 1, left)));
            }
        }
        seen.next
            .map(|(rank, cell, count)| (cell, position(rank, 1, count - 1)))
    }
}
