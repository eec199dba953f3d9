//! The parts of a snapshot: each is folded into the digest, and becomes a row if rows are wanted.

use gomap::layout::Bmap;
use maptype::alg::Interface;

use super::Snapshot;
use super::layout::{Slots, Words};
use super::registry::{Kind, Name, Named};
use crate::machine::{Outcome, load_bits};

/// A row of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub path: String,
    pub value: String,
}

pub fn decimal(number: u64) -> String {
    number.to_string()
}

pub fn hexadecimal(number: u64) -> String {
    format!("{number:#x}")
}

/// An object's name.
pub fn plain(named: Named) -> String {
    let letter = match named.kind {
        Kind::Array => 'a',
        Kind::Bucket => 'o',
        Kind::List => 'l',
        Kind::Map => 'h',
        Kind::Box => 'b',
        Kind::Other => return "elsewhere".to_string(),
    };
    format!("{letter}{}", named.number)
}

/// A bucket's name: in an array, with the index.
pub fn bucket(named: Named) -> String {
    match named.kind {
        Kind::Array => format!("{}[{}]", plain(named), named.inside),
        _ => plain(named),
    }
}

/// The name of a slot in an object: with its offset.
pub fn place(named: Named) -> String {
    match named.kind {
        Kind::Box | Kind::Other => plain(named),
        _ => format!("{}+{}", plain(named), named.inside),
    }
}

impl Snapshot<'_> {
    pub fn row(&mut self, path: impl FnOnce() -> String, value: impl FnOnce() -> String) {
        if let Some(rows) = &mut self.rows {
            rows.push(Row {
                path: path(),
                value: value(),
            });
        }
    }

    /// A field of an object that is a number.
    pub fn number(&mut self, object: &str, field: &str, number: u64, show: fn(u64) -> String) {
        self.digest.word(number);
        if number != 0 {
            self.row(|| format!("{object}{field}"), || show(number));
        }
    }

    /// A field of an object that is a pointer.
    pub fn named(&mut self, object: &str, field: &str, name: Name, show: fn(Named) -> String) {
        self.name(name);
        if let Some(named) = name {
            self.row(|| format!("{object}{field}"), || show(named));
        }
    }

    pub fn name(&mut self, name: Name) {
        match name {
            None => self.digest.word(0),
            Some(named) => {
                self.digest.word(((named.kind as u64) << 32) + named.number);
                self.digest.word(named.inside);
            }
        }
    }

    pub fn bytes_row(&mut self, path: impl FnOnce() -> String, bytes: &[u8]) {
        if bytes.iter().any(|&byte| byte != 0) {
            self.row(path, || hex(bytes));
        }
    }

    /// The outcome of an operation.
    pub fn outcome(&mut self, outcome: &Outcome) {
        let (code, name) = match outcome {
            Outcome::Ok => (0, "ok"),
            Outcome::Found(_) => (1, "found"),
            Outcome::Missing => (2, "missing"),
            Outcome::Entry(..) => (3, "entry"),
            Outcome::End => (4, "end"),
            Outcome::Panic(_) => (5, "panic"),
        };
        self.digest.word(code);
        let mut text = if self.rows.is_some() {
            name.to_string()
        } else {
            String::new()
        };
        // SAFETY: an outcome points to a key and an elem until the next operation.
        unsafe {
            if let Outcome::Entry(key, _) = *outcome {
                self.value(key, &self.layout.key, &mut text);
            }
            if let Outcome::Found(elem) | Outcome::Entry(_, elem) = *outcome {
                self.value(elem, &self.layout.elem, &mut text);
            }
        }
        if let Outcome::Panic(message) = outcome {
            self.digest.word(message.len() as u64);
            self.digest.bytes(message.as_bytes());
            text = format!("{text} {message}");
        }
        self.row(|| "result".to_string(), || text);
    }

    /// A value of an outcome.
    ///
    /// # Safety
    /// `value` points to a value of the type of these slots.
    unsafe fn value(&mut self, value: *const u8, slots: &Slots, text: &mut String) {
        // SAFETY: `value` points to a value of the type of these slots.
        let bytes = unsafe { self.canonical(value, slots) };
        self.digest.bytes(&bytes);
        if self.rows.is_some() {
            text.push(' ');
            text.push_str(&hex(&bytes));
        }
    }

    /// The rows of a bucket that has been walked.
    ///
    /// # Safety
    /// `start` points to a bucket of the trace's type, with the boxes in it.
    pub unsafe fn bucket_rows(&mut self, start: *const u8, label: &str) {
        // SAFETY: `start` points to a bucket, which contains tophash, slots and link.
        unsafe {
            let tophash = std::slice::from_raw_parts(start, 8);
            self.bytes_row(|| format!("{label}.tophash"), tophash);
            let layout = self.layout;
            self.slot_rows(start, label, &layout.key, false);
            self.slot_rows(start, label, &layout.elem, true);
            let next = start
                .add(layout.bucket_size - 8)
                .cast::<*const Bmap>()
                .read();
            if let Some(named) = self.bucket_name(next) {
                self.row(|| format!("{label}.overflow"), || bucket(named));
            }
        }
    }

    /// The rows of a bucket's keys or elems.
    ///
    /// # Safety
    /// As [`Snapshot::bucket_rows`].
    unsafe fn slot_rows(&mut self, start: *const u8, label: &str, slots: &Slots, elem: bool) {
        let part = if elem { "elem" } else { "key" };
        for i in 0..8 {
            let path = || format!("{label}.{part}[{i}]");
            // SAFETY: `start` points to a bucket, which has eight slots at `slots.offset`.
            unsafe {
                let slot = start.add(slots.offset + i * slots.size);
                if !slots.boxed {
                    let bytes = self.canonical(slot, slots);
                    self.bytes_row(path, &bytes);
                } else if let Some(named) = self.box_name(slot.cast::<*const u8>().read(), elem) {
                    self.row(path, || plain(named));
                }
            }
        }
    }

    /// The canonical words of an interface.
    ///
    /// # Safety
    /// `at` points to an interface; its value is alive.
    pub unsafe fn interface_words(&self, at: *const Interface) -> [u64; 2] {
        // SAFETY: `at` points to an interface.
        let Interface { ty, data } = unsafe { at.read() };
        match self.world.dynamic_type(ty) {
            None => [0, data.addr() as u64],
            // SAFETY: `data` points to a value of a direct type, which is a pointer.
            Some((number, ty)) if ty.is_direct() => [number, unsafe { load_bits(data, 8) }],
            Some((number, _)) => [number, self.world.canonical(data.addr() as u64)],
        }
    }

    /// The bytes of a value, with canonical numbers for the words that are pointers.
    ///
    /// # Safety
    /// `value` points to a value of the type of these slots.
    pub unsafe fn canonical(&self, value: *const u8, slots: &Slots) -> Vec<u8> {
        // SAFETY: `value` has `value_size` bytes, and its pointers at these offsets.
        unsafe {
            let mut bytes = std::slice::from_raw_parts(value, slots.value_size).to_vec();
            for &(offset, words) in &slots.pointers {
                let at = value.add(offset);
                if words == Words::Interface {
                    let words = self.interface_words(at.cast());
                    bytes[offset..offset + 16]
                        .copy_from_slice(words.map(u64::to_le_bytes).as_flattened());
                } else {
                    let word = self.world.canonical(load_bits(at, 8));
                    bytes[offset..offset + 8].copy_from_slice(&word.to_le_bytes());
                }
            }
            bytes
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            write!(text, "{byte:02x}").expect("strings take any text");
            text
        })
}
