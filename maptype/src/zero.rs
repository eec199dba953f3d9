//! The zero value: what a lookup returns that finds nothing.

use alloc::alloc::{alloc_zeroed, dealloc};
use alloc::boxed::Box;
use core::alloc::Layout;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::MAX_ZERO;

#[repr(align(64))]
struct ZeroVal([u8; MAX_ZERO]);

static ZERO_VAL: ZeroVal = ZeroVal([0; MAX_ZERO]);

/// A block of zeroes for elem types larger than [`ZERO_VAL`]. Blocks are never freed, and each is
/// at least twice as large as the one before.
struct Block {
    size: usize,
    align: usize,
    zeroes: *const u8,
    /// Keeps the smaller blocks reachable, for leak checkers.
    _previous: *mut Block,
}

static LARGEST: AtomicPtr<Block> = AtomicPtr::new(ptr::null_mut());

/// At least `size` static zero bytes, aligned to `align`; `None` without memory for them.
pub(crate) fn zero_value(size: usize, align: usize) -> Option<*const u8> {
    if size <= MAX_ZERO && align <= align_of::<ZeroVal>() {
        return Some(ZERO_VAL.0.as_ptr());
    }
    loop {
        let largest = LARGEST.load(Ordering::Acquire);
        // SAFETY: a published block is never freed or changed.
        if let Some(block) = unsafe { largest.as_ref() }
            && block.size >= size
            && block.align >= align
        {
            return Some(block.zeroes);
        }
        publish_larger(largest, size, align)?;
    }
}

#[cold]
fn publish_larger(previous: *mut Block, size: usize, align: usize) -> Option<()> {
    // SAFETY: a published block is never freed or changed.
    let (least_size, least_align) =
        unsafe { previous.as_ref() }.map_or((MAX_ZERO, 64), |block| (2 * block.size, block.align));
    let (size, align) = (size.max(least_size), align.max(least_align));
    let layout = Layout::from_size_align(size, align).ok()?;
    // SAFETY: the layout is not empty: its size is at least MAX_ZERO.
    let zeroes = unsafe { alloc_zeroed(layout) };
    if zeroes.is_null() {
        return None;
    }
    let block = Box::into_raw(Box::new(Block {
        size,
        align,
        zeroes,
        _previous: previous,
    }));
    let published = LARGEST.compare_exchange(previous, block, Ordering::Release, Ordering::Relaxed);
    if published.is_err() {
        // SAFETY: the block was not published; both parts were allocated above, with these layouts.
        unsafe {
            dealloc(zeroes, layout);
            drop(Box::from_raw(block));
        }
    }
    Some(())
}
