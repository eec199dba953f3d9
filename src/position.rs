//! A position in a map as plain data: iteration that the map does not know about.
//!
//! An [`Hiter`](crate::layout::Hiter) points into the map, and the map keeps what it may read. A
//! [`Position`] is two words of numbers. It can be in a VM's register or a script's object, be
//! copied, be forgotten, and be resumed at any time: after insertions, deletions, growth,
//! [`mapclear`](crate::raw::mapclear), a collection that moved the map.
//!
//! # The order
//! Entries are visited in the order of their *rank*: the hash of the key with its bits reversed. A
//! position is the rank of the last entry visited. The low bits of a hash choose the bucket, so
//! they are the high bits of the rank: each of the 2^B chains holds the ranks of one interval, the
//! intervals of an array follow one another, and a growth splits each of them in two. The next rank
//! is found in the chain of the interval that the position is in or, if there is none, in the
//! chains that follow.
//!
//! # What is guaranteed
//! 1. An entry that is in the map from the first step to the last is visited exactly once.
//! 2. One that is inserted meanwhile is visited at most once, and one that is deleted is not
//!    visited afterwards.
//! 3. Except for keys with the very same hash: they have one rank, and are told apart by counting,
//!    in the order of the chain. If others are inserted while the position is among them, or some
//!    that are not yet visited are deleted, some may be visited twice. If some are deleted and
//!    others inserted between the same two steps, one may be missed.
//! 4. And except for keys that are not equal to themselves (NaN): they have no rank, take the
//!    lowest of their chain, and are treated as having the same hash. If the map grows between two
//!    steps, they may be visited twice.
//!
//! In an empty map, a step ends the iteration.
//!
//! *Why.* The rank of an entry does not change while it is in the map: `hash0` is renewed only in
//! an empty map. The position's rank only rises. Each step visits the lowest rank in the map above
//! the position's, since all ranks of an interval are in one chain, of the old array or the new
//! one, depending on the progress of the growth. So an entry that is in the map throughout is
//! visited when the position passes its rank, which happens once.
//!
//! Within one rank, let `passed` entries be visited, and then `left` not. They have the order of
//! the chain, which an evacuation keeps, as all keys with one hash go the same way. After deletions
//! alone, every unvisited entry is among the last `left`. After insertions alone, which fill gaps
//! or the end, every one is behind the first `passed`. Whether there are now more entries or not
//! tells which rule applies. Only after both can it be wrong.
//!
//! # What it costs
//! A step hashes the keys of one chain, six or seven on average, where an `Hiter` hashes none; it
//! allocates nothing.

use maptype::MapType;

use crate::bucket::{Bucket, Cell, Needle};
use crate::header::sizes::bucketMask;
use crate::header::{bucketEvacuated, flags, growing, oldbucketmask};
use crate::layout::Hmap;
use crate::raw::observe;
use crate::shape::{Erased, Shape};

/// A position in a map as plain data. [`Position::next`] says which changes of the map it survives.
/// Zeroes are the start.
///
/// ```
/// use gomap::Map;
/// use gomap::position::Position;
///
/// let stock = Map::from([("apples", 3), ("pears", 7)]);
/// let mut position = Position::START;
/// let first = stock.next_entry(&mut position);
/// // A copy goes on from the same entry.
/// let mut copy = position;
/// assert_eq!(stock.next_entry(&mut position), stock.next_entry(&mut copy));
/// assert_ne!(first, None);
/// ```
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Position {
    /// The rank of the last entry visited; if `passed` is 0, the lowest rank to visit.
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

    /// The next entry: its key and its elem, to be read before the map is next written to. `None`
    /// at the end, and on every later call. A key that is passed to a write must be copied first,
    /// as the growth work of the write may clear its slot.
    ///
    /// If the hash or the equality of a key unwinds, the position does not move.
    ///
    /// ```
    /// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, position::Position, raw::*};
    /// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
    /// # unsafe {
    /// # let h = makemap_small(&t);
    /// # for key in 0i64..10 {
    /// #     mapassign(&t, h, (&raw const key).cast());
    /// # }
    /// let mut position = Position::START;
    /// while let Some((key, _)) = position.next(&t, h) {
    ///     let key = *key.cast::<i64>();
    ///     mapdelete(&t, h, (&raw const key).cast());
    /// }
    /// assert_eq!((*h).count, 0);
    /// # mapfree(&t, h);
    /// # }
    /// ```
    ///
    /// # Safety
    /// `t` is *valid*; `h` is *of `t`*, and the map of the steps before; *shared* (see
    /// [`raw`](crate::raw#safety)).
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

/// The entry after that of `key`, like Lua's `next`; if `key` is null, the first entry. `None` at
/// the end.
///
/// Nothing is kept between calls. Order and guarantees are those of a [`Position`]; if keys have
/// the same hash and the last one visited was deleted, those that remain are visited again. Keys
/// that are not equal to themselves cannot be continued from: they are skipped, and nothing comes
/// after them.
///
/// Unlike in Lua, entries may also be inserted meanwhile, and the key need not ever have been in
/// the map.
///
/// ```
/// # use gomap::{heap::SYSTEM, maptype::{MapType, alg}, position::mapnext, raw::*};
/// # let t = MapType::new(&alg::INT64, &alg::INT64, &SYSTEM).unwrap();
/// # unsafe {
/// # let h = makemap_small(&t);
/// # for key in 0i64..10 {
/// #     mapassign(&t, h, (&raw const key).cast());
/// # }
/// let (mut key, mut visited) = (std::ptr::null(), 0);
/// while let Some((next, _)) = mapnext(&t, h, key) {
///     key = next.cast_const();
///     visited += 1;
/// }
/// assert_eq!(visited, 10);
/// # mapfree(&t, h);
/// # }
/// ```
///
/// # Safety
/// `t` is *valid*; `h` is *of `t`*; `key` is null or a *key*; *shared* (see
/// [`raw`](crate::raw#safety)).
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
