//! The layout of every struct of the header, asserted here and, from the same table, in the header
//! itself.

use core::mem::offset_of;

use maptype::alg::{GoSlice, GoString};
use maptype::{Alg, Barriers, Heap, MapType, Observer, RawType};

use super::fallible::Fallible;
use super::handle::Map;
use super::iter::Iter;
use super::runtime::{Entry, Lookup};
use super::scan::{Scan, Visitor};
use crate::layout::{Bmap, BmapSlice, Hiter, Hmap, MapExtra};
use crate::position::Position;
use crate::raw::Assigned;
use crate::scan::{Allocation, TracedIter};

const WORD: usize = size_of::<usize>();

/// A struct of the header: its size, and the offsets of its fields, each as (words, bytes more).
#[cfg(test)]
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    pub(crate) size: (usize, usize),
    pub(crate) fields: &'static [(&'static str, usize, usize)],
}

macro_rules! layouts {
    ($($ty:ident as $name:literal, $words:literal + $bytes:literal: { $($field:ident $w:literal + $b:literal),* $(,)? })+) => {
        $(const _: () = {
            assert!(size_of::<$ty>() == $words * WORD + $bytes);
            $(assert!(offset_of!($ty, $field) == $w * WORD + $b);)*
        };)+

        /// The structs of the header.
        #[cfg(test)]
        pub(crate) const LAYOUTS: &[Layout] = &[$(Layout {
            name: $name,
            size: ($words, $bytes),
            fields: &[$((stringify!($field), $w, $b)),*],
        }),+];
    };
}

layouts! {
    Hmap as "gomap_hmap", 5 + 8: {
        count 0 + 0, flags 1 + 0, B 1 + 1, noverflow 1 + 2, hash0 1 + 4, buckets 1 + 8, oldbuckets 2 + 8,
        nevacuate 3 + 8, extra 4 + 8,
    }
    MapExtra as "gomap_mapextra", 3 + 0: { overflow 0 + 0, oldoverflow 1 + 0, nextOverflow 2 + 0 }
    BmapSlice as "gomap_bmap_slice", 3 + 0: { array 0 + 0, len 1 + 0, cap 2 + 0 }
    Bmap as "gomap_bmap", 0 + 8: { tophash 0 + 0 }
    Hiter as "gomap_hiter", 12 + 0: {
        key 0 + 0, elem 1 + 0, t 2 + 0, h 3 + 0, buckets 4 + 0, bptr 5 + 0, overflow 6 + 0, oldoverflow 7 + 0,
        startBucket 8 + 0, offset 9 + 0, wrapped 9 + 1, B 9 + 2, i 9 + 3, bucket 10 + 0, checkBucket 11 + 0,
    }
    Alg as "gomap_alg", 2 + 0: { hash 0 + 0, equal 1 + 0 }
    RawType as "gomap_type", 11 + 8: {
        size 0 + 0, ptrdata 1 + 0, align 2 + 0, kind 2 + 4, default_hash 2 + 5, key_flags 2 + 8, gcdata 3 + 8,
        alg 4 + 8, drop 6 + 8, copy 7 + 8, context 8 + 8, name 9 + 8, name_len 10 + 8,
    }
    MapType as "gomap_maptype", 16 + 16: {
        key 0 + 0, elem 1 + 0, heap 2 + 0, zero 3 + 0, bucket 4 + 0, keysize 15 + 8, elemsize 15 + 9,
        bucketsize 15 + 10, flags 15 + 12, path 15 + 16,
    }
    Heap as "gomap_heap", 12 + 0: {
        context 0 + 0, allocate 1 + 0, free 2 + 0, release 3 + 0, populate 4 + 0, roundupsize 5 + 0, random 6 + 0,
        throw 7 + 0, panic 8 + 0, barriers 9 + 0, observer 10 + 0, era 11 + 0,
    }
    Barriers as "gomap_barriers", 3 + 0: { typedmemmove 0 + 0, store_pointer 1 + 0, memclr_has_pointers 2 + 0 }
    Observer as "gomap_observer", 2 + 0: { read 0 + 0, write 1 + 0 }
    GoString as "gomap_string", 2 + 0: { data 0 + 0, len 1 + 0 }
    GoSlice as "gomap_slice", 3 + 0: { data 0 + 0, len 1 + 0, cap 2 + 0 }
    Fallible as "gomap_fallible", 3 + 0: { hash 0 + 0, equal 1 + 0, context 2 + 0 }
    Map as "gomap_map", 2 + 0: { r#type 0 + 0, hmap 1 + 0 }
    Iter as "gomap_iter", 14 + 8: { map 0 + 0, hiter 2 + 0, clears 14 + 0 }
    Lookup as "gomap_lookup", 2 + 0: { elem 0 + 0, found 1 + 0 }
    Entry as "gomap_entry", 2 + 0: { key 0 + 0, elem 1 + 0 }
    Assigned as "gomap_assigned", 2 + 0: { elem 0 + 0, existed 1 + 0, key_taken 1 + 1 }
    Position as "gomap_position", 1 + 8: {}
    TracedIter as "gomap_traced_iter", 14 + 0: { it 0 + 0 }
    Allocation as "gomap_allocation", 3 + 0: { size 0 + 0, align 1 + 0, ty 2 + 0 }
    Scan as "gomap_scan", 32 + 0: {}
    Visitor as "gomap_visitor", 3 + 0: { context 0 + 0, memory 1 + 0, pointer 2 + 0 }
}
