//! Counts the cases that traces have reached: a comparison without a case does not test it.

use std::fmt;
use std::ops::AddAssign;

use gomap::layout::{Hiter, Hmap, noCheck, sameSizeGrow};

use crate::machine::{Machine, Outcome};
use crate::trace::Op;

/// How often each case occurred.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    counts: [u64; CASES.len()],
    /// The largest B.
    largest: u8,
    /// Traces in which Go crashed.
    crashes: u64,
    /// The current map as the last operation left it.
    before: State,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct State {
    growing: bool,
    same_size: bool,
    overflow: u16,
    b: u8,
}

/// The cases, in the order of [`Case`].
const CASES: [&str; 24] = [
    "insert",
    "delete",
    "get, found",
    "get, missing",
    "read",
    "clear",
    "make",
    "make with a hint",
    "clone",
    "iterators begun",
    "iterator steps",
    "iterations ended",
    "panics",
    "operations while growing",
    "operations while growing to the same size",
    "clear while growing",
    "clear while growing to the same size",
    "clone while growing",
    "iterators begun while growing",
    "steps that check where a key will go",
    "steps over a retired array",
    "preallocated overflow buckets used up",
    "overflow buckets allocated singly",
    "overflow buckets added at B 16 and above",
];

/// Indices of [`CASES`].
#[derive(Clone, Copy)]
enum Case {
    Insert,
    Delete,
    Found,
    Missing,
    Read,
    Clear,
    Make,
    Hint,
    Clone,
    Begin,
    Step,
    End,
    Panic,
    Growing,
    SameSize,
    ClearGrowing,
    ClearSameSize,
    CloneGrowing,
    BeginGrowing,
    Check,
    Retired,
    UsedUp,
    Single,
    ManyBuckets,
}

impl Coverage {
    /// Records an operation and the state after it.
    pub fn note(&mut self, op: &Op, outcome: &Outcome, machine: &Machine) {
        self.note_operation(op, outcome);
        if let Op::Iter(id) | Op::Next(id) = op
            && let Some(it) = machine.iterators().iter().find(|it| it.id == *id)
        {
            // SAFETY: the map of a machine's iterator is alive.
            unsafe { self.note_iterator(&it.state) };
        }
        let [current, _] = machine.maps();
        // SAFETY: the current map is null or alive, and no operation is running.
        let map = unsafe { current.as_ref() };
        let now = map.map_or(State::default(), State::of);
        self.count(Case::Growing, now.growing);
        self.count(Case::SameSize, now.same_size);
        if let Some(map) = map {
            self.note_overflow(map, now);
        }
        self.largest = self.largest.max(now.b);
        self.before = now;
    }

    /// Records a crash of Go.
    pub fn note_crash(&mut self) {
        self.crashes += 1;
    }

    fn note_operation(&mut self, op: &Op, outcome: &Outcome) {
        let before = self.before;
        self.count(Case::Panic, matches!(outcome, Outcome::Panic(_)));
        match op {
            Op::Insert(..) => self.count(Case::Insert, true),
            Op::Delete(_) => self.count(Case::Delete, true),
            Op::Get(_) => {
                self.count(Case::Found, matches!(outcome, Outcome::Found(_)));
                self.count(Case::Missing, *outcome == Outcome::Missing);
            }
            Op::Read(_) => self.count(Case::Read, true),
            Op::Clear => {
                self.count(Case::Clear, true);
                self.count(Case::ClearGrowing, before.growing);
                self.count(Case::ClearSameSize, before.same_size);
            }
            Op::Make(hint) => {
                self.count(Case::Make, hint.is_none());
                self.count(Case::Hint, hint.is_some());
            }
            Op::Clone => {
                self.count(Case::Clone, true);
                self.count(Case::CloneGrowing, before.growing);
            }
            Op::Iter(_) => {
                self.count(Case::Begin, true);
                self.count(Case::BeginGrowing, before.growing);
            }
            Op::Next(_) => {
                self.count(Case::Step, true);
                self.count(Case::End, *outcome == Outcome::End);
            }
            Op::Drop(_) | Op::Swap => {}
        }
    }

    /// # Safety
    /// The iterator's map is null or alive.
    unsafe fn note_iterator(&mut self, it: &Hiter) {
        // SAFETY: the iterator's map is null or alive.
        if let Some(map) = unsafe { it.h.as_ref() } {
            let live = !it.key.is_null();
            self.count(Case::Check, live && it.checkBucket != noCheck);
            let held = [map.buckets, map.oldbuckets].contains(&it.buckets);
            self.count(Case::Retired, live && !held);
        }
    }

    fn note_overflow(&mut self, map: &Hmap, now: State) {
        if now.b == self.before.b && now.overflow > self.before.overflow {
            // SAFETY: the `extra` of a map is null or alive.
            let next = unsafe { map.extra.as_ref() }.map(|extra| extra.nextOverflow.is_null());
            self.count(Case::Single, now.b < 4);
            self.count(Case::UsedUp, now.b >= 4 && next == Some(true));
            self.count(Case::ManyBuckets, now.b >= 16);
        }
    }

    fn count(&mut self, case: Case, happened: bool) {
        self.counts[case as usize] += u64::from(happened);
    }

    /// The cases that did not occur. Clones count only for releases that have them.
    pub fn missed(&self, clones: bool) -> Vec<&'static str> {
        let counted = CASES.iter().zip(self.counts);
        let missed =
            counted.filter(|(name, count)| *count == 0 && (clones || !name.starts_with("clone")));
        missed.map(|(name, _)| *name).collect()
    }
}

impl State {
    fn of(map: &Hmap) -> State {
        let growing = !map.oldbuckets.is_null();
        State {
            growing,
            same_size: growing && map.flags & sameSizeGrow != 0,
            overflow: map.noverflow,
            b: map.B,
        }
    }
}

impl AddAssign<&Coverage> for Coverage {
    fn add_assign(&mut self, other: &Coverage) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.largest = self.largest.max(other.largest);
        self.crashes += other.crashes;
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in CASES.iter().zip(self.counts) {
            writeln!(f, "{count:>12}  {name}")?;
        }
        writeln!(f, "{:>12}  largest B", self.largest)?;
        write!(
            f,
            "{:>12}  traces cut short by a crash of Go's",
            self.crashes
        )
    }
}
