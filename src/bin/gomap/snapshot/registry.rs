//! The objects that the snapshots of a trace have found, by address.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What a snapshot writes for a pointer; `None` for nil.
pub type Name = Option<Named>;

/// An object, and an offset in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub kind: Kind,
    pub number: u64,
    /// The index of a bucket in an array, or a distance in bytes.
    pub inside: u64,
}

/// Kinds of objects, as digests number them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Kind {
    Array = 1,
    Bucket = 2,
    List = 3,
    Map = 4,
    Box = 5,
    Other = 6,
}

impl Named {
    pub fn object(kind: Kind, number: u64) -> Named {
        Named {
            kind,
            number,
            inside: 0,
        }
    }
}

/// An object that was found.
#[derive(Debug, Clone, Copy)]
struct Met {
    number: u64,
    /// The last snapshot that found it.
    seen: u64,
}

/// A bucket array.
#[derive(Debug, Clone, Copy)]
pub struct Array {
    pub number: u64,
    pub start: *const u8,
    pub buckets: usize,
    /// Including the preallocated ones.
    pub all: usize,
    seen: u64,
}

/// Objects of one kind.
type Objects = HashMap<usize, Met, BuildHasherDefault<AddressHasher>>;

/// Numbers for all objects that pointers lead to.
#[derive(Debug, Default)]
pub struct Registry {
    snapshot: u64,
    arrays: Vec<Array>,
    /// The numbers of the arrays, by address.
    by_address: Vec<usize>,
    buckets: Objects,
    lists: Objects,
    maps: Objects,
    boxes: Objects,
}

impl Registry {
    /// Starts a snapshot, which has not found any object yet.
    pub fn begin_snapshot(&mut self) {
        self.snapshot += 1;
    }

    fn objects(&mut self, kind: Kind) -> &mut Objects {
        match kind {
            Kind::Bucket => &mut self.buckets,
            Kind::List => &mut self.lists,
            Kind::Map => &mut self.maps,
            Kind::Box => &mut self.boxes,
            Kind::Array | Kind::Other => unreachable!("not known by one address"),
        }
    }

    /// The number of the object at `address`, and whether it is new in this snapshot.
    pub fn meet(&mut self, kind: Kind, address: usize) -> (u64, bool) {
        let snapshot = self.snapshot;
        let objects = self.objects(kind);
        let number = objects.len() as u64;
        let met = objects.entry(address).or_insert(Met { number, seen: 0 });
        let first = met.seen != snapshot;
        met.seen = snapshot;
        (met.number, first)
    }

    /// The number of the object at `address`, if it was found.
    pub fn known(&mut self, kind: Kind, address: usize) -> Option<u64> {
        self.objects(kind).get(&address).map(|met| met.number)
    }

    /// The number of the array that contains `address`.
    pub fn array_at(&self, address: usize, bucket_size: usize) -> Option<usize> {
        let starts_before = |&number: &usize| self.arrays[number].start.addr() <= address;
        let after = self.by_address.partition_point(starts_before);
        let number = self.by_address[after.checked_sub(1)?];
        let array = &self.arrays[number];
        (address - array.start.addr() < array.all * bucket_size).then_some(number)
    }

    /// The number of the array at `start`, which is registered if it is not known.
    pub fn add_array(&mut self, start: *const u8, buckets: usize, all: usize) -> usize {
        let starts_before = |&number: &usize| self.arrays[number].start < start;
        let place = self.by_address.partition_point(starts_before);
        if let Some(&number) = self.by_address.get(place)
            && self.arrays[number].start == start
        {
            return number;
        }
        let number = self.arrays.len();
        self.by_address.insert(place, number);
        self.arrays.push(Array {
            number: number as u64,
            start,
            buckets,
            all,
            seen: 0,
        });
        number
    }

    pub fn array(&self, number: usize) -> Array {
        self.arrays[number]
    }

    /// Whether the array is new in this snapshot.
    pub fn first_time(&mut self, number: usize) -> bool {
        let array = &mut self.arrays[number];
        let first = array.seen != self.snapshot;
        array.seen = self.snapshot;
        first
    }
}

/// Hashes addresses; no attacker chooses them.
#[derive(Debug, Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are addresses")
    }

    fn write_usize(&mut self, address: usize) {
        let product = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ product >> 32;
    }
}
