//! Operations on a map: as a list that can be shrunk, or read from bytes.

/// An operation. Keys and elems are ids, taken modulo what the kinds have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Insert(u16, u16),
    /// Inserts this many keys in a row.
    InsertRun(u16, u8),
    /// The same, all at once.
    InsertMany(u16, u8),
    Get(u16),
    /// Looks up this many keys in a row, all at once.
    GetMany(u16, u8),
    Delete(u16),
    /// Deletes this many keys in a row.
    DeleteRun(u16, u8),
    Clear,
    /// Clones, compares, and drops the clone.
    Clone,
    /// Clones, frees the original (whose iterators are still stepped), and continues with the
    /// clone.
    Succeed,
    /// Frees the map, and makes another with room for so many entries.
    Remake(u16),
    Start,
    /// Steps one of the iterators so often.
    Step(u8, u8),
    /// Ends one of the iterators.
    Done(u8),
    /// Shows all that a collector must see, in steps of so many buckets.
    Scan(u8),
}

impl Op {
    /// Reads an operation from bytes, of which there may be too few.
    pub fn read(bytes: &mut impl Iterator<Item = u8>) -> Option<Op> {
        let code = bytes.next()?;
        let mut byte = || bytes.next().unwrap_or(0);
        let mut word = || u16::from_le_bytes([byte(), byte()]);
        Some(match code % 32 {
            0..=8 => Op::Insert(word(), code as u16),
            9..=10 => Op::InsertRun(word(), byte()),
            11 => Op::InsertMany(word(), byte()),
            12 => Op::Get(word()),
            13 => Op::GetMany(word(), byte()),
            14..=17 => Op::Delete(word()),
            18 => Op::Scan(byte()),
            19..=20 => Op::DeleteRun(word(), byte()),
            21 => Op::Clear,
            22 => Op::Clone,
            23 => Op::Succeed,
            24 => Op::Remake(word()),
            25..=26 => Op::Start,
            27..=30 => Op::Step(byte(), code >> 5),
            _ => Op::Done(byte()),
        })
    }
}
