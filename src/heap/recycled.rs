//! Freed memory of middling size, kept for the next array of the same size.
//!
//! A map that grows frees an array of each size, and the next map allocates the same sizes again. If
//! the allocator returns freed memory to the system immediately, as glibc's does, every page of them
//! is faulted in again, which can take longer than everything else.

use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The sizes that are kept: allocators cache smaller pieces themselves, and larger ones are too much
/// memory to keep unused.
const SIZES: core::ops::Range<usize> = 16 << 10..1 << 20;
/// The most bytes kept in the whole program, unless [`Recycled::limit`] changes it.
pub(super) const MOST: usize = 2 << 20;
/// The limit is not decided yet.
const UNDECIDED: usize = usize::MAX;
/// How often [`Recycled::limit`] tries while another thread has the lock. In a forked process it may be
/// locked for ever.
const PATIENCE: usize = 1 << 20;
/// The most pieces kept.
const SLOTS: usize = 16;

/// Free pieces of memory, the oldest first.
pub(super) struct Recycled {
    /// A lock without waiting: a thread that finds it set uses the allocator instead.
    busy: AtomicBool,
    /// The most bytes kept.
    most: AtomicUsize,
    pieces: UnsafeCell<Pieces>,
}

// SAFETY: the pieces are used only by the thread that has set `busy`.
unsafe impl Sync for Recycled {}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece {
    pub(super) memory: *mut u8,
    pub(super) size: usize,
    pub(super) align: usize,
}

struct Pieces {
    list: [Piece; SLOTS],
    len: usize,
}

impl Recycled {
    pub(super) const fn new() -> Recycled {
        let none = Piece {
            memory: ptr::null_mut(),
            size: 0,
            align: 0,
        };
        Recycled {
            busy: AtomicBool::new(false),
            most: AtomicUsize::new(UNDECIDED),
            pieces: UnsafeCell::new(Pieces {
                list: [none; SLOTS],
                len: 0,
            }),
        }
    }

    /// A piece of just this size and alignment, if there is one. It may hold anything.
    pub(super) fn take(&self, size: usize, align: usize) -> Option<*mut u8> {
        if !SIZES.contains(&size) {
            return None;
        }
        self.locked(|pieces| pieces.take(size, align)).flatten()
    }

    /// Keeps a piece. Those that must go for it, or itself, are passed to `free`. The first time,
    /// `decide` says how many bytes to keep at most.
    pub(super) fn keep(
        &self,
        piece: Piece,
        decide: impl FnOnce() -> usize,
        mut free: impl FnMut(Piece),
    ) {
        let most = if SIZES.contains(&piece.size) {
            self.most(decide)
        } else {
            0
        };
        let kept = piece.size <= most
            && self
                .locked(|pieces| {
                    while !pieces.have_room_for(piece.size, most) {
                        free(pieces.remove(0));
                    }
                    pieces.push(piece);
                })
                .is_some();
        if !kept {
            free(piece);
        }
    }

    /// Keeps no more than `most` bytes from now on. Pieces that must go are passed to `free`.
    pub(super) fn limit(&self, most: usize, mut free: impl FnMut(Piece)) {
        self.most.store(most.min(UNDECIDED - 1), Ordering::Relaxed);
        for _ in 0..PATIENCE {
            let oldest = self.locked(|pieces| (pieces.bytes() > most).then(|| pieces.remove(0)));
            match oldest {
                Some(Some(piece)) => free(piece),
                Some(None) => return,
                None => core::hint::spin_loop(),
            }
        }
    }

    /// The most bytes kept.
    fn most(&self, decide: impl FnOnce() -> usize) -> usize {
        let most = self.most.load(Ordering::Relaxed);
        if most != UNDECIDED {
            return most;
        }
        let decided = decide();
        let before =
            self.most
                .compare_exchange(UNDECIDED, decided, Ordering::Relaxed, Ordering::Relaxed);
        before.map_or_else(|most| most, |_| decided)
    }

    /// Runs `f`, unless the lock is taken.
    fn locked<R>(&self, f: impl FnOnce(&mut Pieces) -> R) -> Option<R> {
        if self.busy.swap(true, Ordering::Acquire) {
            return None;
        }
        // SAFETY: this thread has set `busy`, so there is no other reference.
        let result = f(unsafe { &mut *self.pieces.get() });
        self.busy.store(false, Ordering::Release);
        Some(result)
    }
}

impl Pieces {
    fn take(&mut self, size: usize, align: usize) -> Option<*mut u8> {
        let newest = self.list[..self.len]
            .iter()
            .rposition(|piece| (piece.size, piece.align) == (size, align))?;
        Some(self.remove(newest).memory)
    }

    fn bytes(&self) -> usize {
        self.list[..self.len].iter().map(|piece| piece.size).sum()
    }

    fn have_room_for(&self, size: usize, most: usize) -> bool {
        self.len < SLOTS && self.bytes() + size <= most
    }

    fn push(&mut self, piece: Piece) {
        self.list[self.len] = piece;
        self.len += 1;
    }

    fn remove(&mut self, i: usize) -> Piece {
        let piece = self.list[i];
        self.list.copy_within(i + 1..self.len, i);
        self.len -= 1;
        piece
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    const ALIGN: usize = 16;

    fn piece(address: usize, size: usize) -> Piece {
        Piece {
            memory: ptr::without_provenance_mut(address),
            size,
            align: ALIGN,
        }
    }

    /// Keeps pieces, and returns those that went to the allocator.
    fn keep_all(recycled: &Recycled, pieces: &[Piece]) -> Vec<Piece> {
        let mut freed = vec![];
        for &piece in pieces {
            recycled.keep(piece, || MOST, |piece| freed.push(piece));
        }
        freed
    }

    #[test]
    fn a_piece_is_given_out_once_and_for_its_size_only() {
        let recycled = Recycled::new();
        let small = piece(1, SIZES.start);
        assert_eq!(keep_all(&recycled, &[small, piece(2, SIZES.start + 8)]), []);
        assert_eq!(recycled.take(SIZES.start + 1, ALIGN), None);
        assert_eq!(recycled.take(SIZES.start, 2 * ALIGN), None);
        assert_eq!(recycled.take(SIZES.start, ALIGN), Some(small.memory));
        assert_eq!(recycled.take(SIZES.start, ALIGN), None);
    }

    #[test]
    fn other_sizes_are_not_kept() {
        let recycled = Recycled::new();
        let pieces = [piece(1, SIZES.start - 1), piece(2, SIZES.end)];
        assert_eq!(keep_all(&recycled, &pieces), pieces);
        assert_eq!(recycled.take(SIZES.end, ALIGN), None);
    }

    #[test]
    fn the_oldest_are_freed_first() {
        let recycled = Recycled::new();
        let large = SIZES.end - 1;
        let pieces = [piece(1, SIZES.start), piece(2, large), piece(3, large)];
        assert_eq!(keep_all(&recycled, &pieces), [pieces[0]]);
        assert_eq!(keep_all(&recycled, &[piece(4, large)]), [pieces[1]]);

        let recycled = Recycled::new();
        let many: Vec<Piece> = (1..=SLOTS + 2).map(|i| piece(i, SIZES.start)).collect();
        assert_eq!(keep_all(&recycled, &many), many[..2]);
        assert_eq!(
            recycled.take(SIZES.start, ALIGN),
            many.last().map(|piece| piece.memory)
        );
    }

    /// The allocator may call back: it is served as if nothing were kept.
    #[test]
    fn no_call_waits() {
        let recycled = Recycled::new();
        let large = SIZES.end - 1;
        keep_all(&recycled, &[piece(1, large), piece(2, large)]);
        let mut freed = 0;
        let free = |_| {
            freed += 1;
            assert_eq!(recycled.take(large, ALIGN), None);
        };
        recycled.keep(piece(3, large), || MOST, free);
        assert_eq!(freed, 1);
    }

    #[test]
    fn no_more_is_kept_than_the_limit() {
        let limit = |recycled: &Recycled, most| {
            let mut freed = vec![];
            recycled.limit(most, |piece| freed.push(piece));
            freed
        };
        let recycled = Recycled::new();
        let pieces = [1, 2, 3].map(|i| piece(i, SIZES.start));
        assert_eq!(keep_all(&recycled, &pieces), []);
        assert_eq!(limit(&recycled, 2 * SIZES.start), pieces[..1]);
        assert_eq!(keep_all(&recycled, &pieces[..1]), pieces[1..2]);
        assert_eq!(limit(&recycled, 0), [pieces[2], pieces[0]]);
        assert_eq!(keep_all(&recycled, &pieces), pieces);
        assert_eq!(limit(&recycled, usize::MAX), []);
        assert_eq!(keep_all(&recycled, &pieces), []);
    }

    #[test]
    fn the_first_decision_stands_until_a_limit_is_set() {
        let recycled = Recycled::new();
        let mut freed = 0;
        for decided in [0, MOST] {
            recycled.keep(piece(1, SIZES.start), || decided, |_| freed += 1);
        }
        assert_eq!(freed, 2);
        let recycled = Recycled::new();
        recycled.limit(0, |_| ());
        assert_eq!(keep_all(&recycled, &[piece(1, SIZES.start)]).len(), 1);
    }
}
