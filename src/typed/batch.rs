//! Many keys at once: while the memory of one is on its way, the next are asked for.

use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::iter::FusedIterator;
use core::mem::MaybeUninit;
use core::ptr;

use equivalent::Equivalent;

use super::shape::hash_of;
use super::{Map, Memory};
use crate::bucket::{Bucket, Sought};
use crate::raw::access::{find_in_chain, home_bucket};
use crate::raw::batch::BLOCK;
use crate::raw::sizes::bucketShift;
use crate::shape::Shape;

/// The values of many keys, in the order of the keys: see [`Map::get_many`].
pub struct GetMany<'m, 'q, K, V, S, A: Memory, Q: ?Sized, I> {
    map: &'m Map<K, V, S, A>,
    keys: I,
    /// Those from `next` to `len` are to come.
    block: [MaybeUninit<Asked<'q, Q>>; BLOCK],
    next: usize,
    len: usize,
}

// SAFETY: it holds a shared map, places in it, and shared keys.
unsafe impl<K, V, S, A: Memory, Q: Sync + ?Sized, I: Send> Send
    for GetMany<'_, '_, K, V, S, A, Q, I>
where
    Map<K, V, S, A>: Sync,
{
}
// SAFETY: as above; nothing is changed through a shared one.
unsafe impl<K, V, S, A: Memory, Q: Sync + ?Sized, I: Sync> Sync
    for GetMany<'_, '_, K, V, S, A, Q, I>
where
    Map<K, V, S, A>: Sync,
{
}

/// A key whose bucket was asked for.
struct Asked<'q, Q: ?Sized> {
    key: &'q Q,
    /// Null in a map without entries.
    home: Bucket,
    sought: Sought,
}

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// The values of many keys, in their order; `None` for a key that is not there.
    ///
    /// Keys are taken from the iterator by the block, and their hashes computed, before the first is looked up. Where the
    /// map is larger than the caches, that is faster than a [`Map::get`] for each; where it is small, it is not.
    ///
    /// ```
    /// use gomap::Map;
    ///
    /// let squares: Map<u32, u32> = (0..1000).map(|i| (i, i * i)).collect();
    /// let found: Vec<_> = squares.get_many(&[3, 5000, 30]).collect();
    /// assert_eq!(found, [Some(&9), None, Some(&900)]);
    /// ```
    pub fn get_many<'m, 'q, Q, I>(&'m self, keys: I) -> GetMany<'m, 'q, K, V, S, A, Q, I::IntoIter>
    where
        Q: Hash + Equivalent<K> + ?Sized,
        I: IntoIterator<Item = &'q Q>,
    {
        GetMany {
            map: self,
            keys: keys.into_iter(),
            block: [const { MaybeUninit::uninit() }; BLOCK],
            next: 0,
            len: 0,
        }
    }
}

/// Bytes of buckets that a core's own caches have room for, on most machines.
const CACHES: usize = 1 << 20;

impl<K: Eq + Hash, V, S: BuildHasher, A: Memory> Map<K, V, S, A> {
    /// Whether memory is worth asking for ahead.
    pub(super) fn outgrew_caches(&self) -> bool {
        let header = self.table.header();
        !header.buckets.is_null() && bucketShift(header.B) * self.shape().bucketsize() > CACHES
    }

    /// Inserts entries block by block. The map has buckets.
    pub(super) fn extend_by_blocks(&mut self, mut entries: impl Iterator<Item = (K, V)>) {
        let mut block = [const { None }; BLOCK];
        loop {
            let mut len = 0;
            for (room, (key, value)) in block.iter_mut().zip(&mut entries) {
                let hash = hash_of(&self.hash_builder, &key);
                // SAFETY: the map is borrowed, and has buckets.
                let home = unsafe { home_bucket(self.shape(), self.table.h(), hash) };
                home.prefetch_all(self.shape());
                *room = Some((hash, key, value));
                len += 1;
            }
            for (hash, key, value) in block[..len].iter_mut().filter_map(Option::take) {
                self.insert_hashed(hash, key, value);
            }
            if len < BLOCK {
                return;
            }
        }
    }
}

impl<'q, K, V, S, A, Q, I> GetMany<'_, 'q, K, V, S, A, Q, I>
where
    K: Eq + Hash,
    S: BuildHasher,
    A: Memory,
    Q: Hash + ?Sized,
    I: Iterator<Item = &'q Q>,
{
    /// Asks for the buckets of the next keys, as many as a block has room for.
    fn ask(&mut self) {
        (self.next, self.len) = (0, 0);
        let map = self.map;
        for (room, key) in self.block.iter_mut().zip(&mut self.keys) {
            let mut asked = Asked {
                key,
                home: Bucket(ptr::null_mut()),
                sought: Sought::of(0),
            };
            if !map.is_empty() {
                let hash = hash_of(&map.hash_builder, key);
                // SAFETY: the map is borrowed, and has buckets.
                asked.home = unsafe { home_bucket(map.shape(), map.table.h(), hash) };
                asked.home.prefetch_far(map.shape());
                asked.sought = Sought::of(hash);
            }
            room.write(asked);
            self.len += 1;
        }
    }
}

impl<'m, 'q, K, V, S, A, Q, I> Iterator for GetMany<'m, 'q, K, V, S, A, Q, I>
where
    K: Eq + Hash,
    S: BuildHasher,
    A: Memory,
    Q: Hash + Equivalent<K> + ?Sized,
    I: Iterator<Item = &'q Q>,
{
    type Item = Option<&'m V>;

    #[inline]
    fn next(&mut self) -> Option<Option<&'m V>> {
        if self.next == self.len {
            self.ask();
            if self.len == 0 {
                return None;
            }
        }
        // SAFETY: one of those to come.
        let Asked { key, home, sought } = unsafe { self.block[self.next].assume_init_ref() };
        self.next += 1;
        if home.is_null() {
            return Some(None);
        }
        let s = self.map.shape();
        // SAFETY: the map is borrowed; its keys are initialised, and so is the value of an entry.
        unsafe {
            let cell = find_in_chain(s, self.map.table.h(), *home, *sought, |slot| {
                key.equivalent(&*slot.cast())
            });
            Some(cell.map(|cell| &*s.value_of(cell)))
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let asked = self.len - self.next;
        let (low, high) = self.keys.size_hint();
        (
            low.saturating_add(asked),
            high.and_then(|high| high.checked_add(asked)),
        )
    }
}

impl<'q, K, V, S, A, Q, I> ExactSizeIterator for GetMany<'_, 'q, K, V, S, A, Q, I>
where
    K: Eq + Hash,
    S: BuildHasher,
    A: Memory,
    Q: Hash + Equivalent<K> + ?Sized,
    I: ExactSizeIterator<Item = &'q Q>,
{
}

impl<'q, K, V, S, A, Q, I> FusedIterator for GetMany<'_, 'q, K, V, S, A, Q, I>
where
    K: Eq + Hash,
    S: BuildHasher,
    A: Memory,
    Q: Hash + Equivalent<K> + ?Sized,
    I: FusedIterator<Item = &'q Q>,
{
}

impl<K, V, S, A: Memory, Q: ?Sized, I> fmt::Debug for GetMany<'_, '_, K, V, S, A, Q, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetMany")
            .field("asked", &(self.len - self.next))
            .finish_non_exhaustive()
    }
}
