//! Reads traces from text.

use maptype::Era;

use super::cursor::{Cursor, Malformed, Result};
use super::print::era_name;
use super::value::parse_value;
use super::{Check, Hash, Header, IterId, MapTy, Memory, Op, Path, Show, Trace, Types, Value};

/// Reads all traces in `text`.
///
/// # Errors
/// The first line that cannot be understood.
pub fn parse_all(text: &[u8]) -> Result<Vec<Trace>> {
    let mut reader = Reader::default();
    let lines = text.split(|&byte| byte == b'\n');
    let mut last = 1;
    for (line, number) in lines.zip(1..) {
        reader.line(Cursor::new(line, number))?;
        last = number;
    }
    reader.close(Cursor::new(b"", last))?;
    Ok(reader.traces)
}

/// Reads traces line by line.
#[derive(Default)]
struct Reader {
    types: Types,
    traces: Vec<Trace>,
    state: State,
    /// The directives of the current header.
    directives: Vec<&'static str>,
    /// The iterators of the current trace that are alive.
    alive: Vec<bool>,
}

/// What the next line can be.
#[derive(Default, PartialEq)]
enum State {
    /// `gomap trace 1`.
    #[default]
    Outside,
    /// The map's type.
    Opened,
    /// A directive, or an operation.
    Header,
    /// An operation.
    Operations,
}

const DIRECTIVES: [&str; 7] = ["seed", "hash", "path", "era", "check", "memory", "show"];

const OPERATIONS: &str = "expected an operation (make, insert, delete, get, read, clear, iter, \
                          next, drop, clone, swap)";

impl Reader {
    fn line(&mut self, mut cursor: Cursor) -> Result<()> {
        if cursor.at_end() {
            return Ok(());
        }
        let start = cursor;
        let word = cursor.word();
        match self.state {
            _ if word == "gomap" => {
                cursor.expect("trace")?;
                cursor.expect("1")?;
                cursor.expect_end()?;
                self.close(start)?;
                self.state = State::Opened;
                Ok(())
            }
            State::Outside => Err(start.expected("expected `gomap trace 1`")),
            State::Opened => self.open(start),
            State::Header | State::Operations if word == "end" => {
                self.state = State::Outside;
                cursor.expect_end()
            }
            State::Header => match DIRECTIVES.into_iter().find(|&name| name == word) {
                Some(name) => self.directive(name, start, cursor),
                None => self.operation(word, start, cursor),
            },
            State::Operations => self.operation(word, start, cursor),
        }
    }

    /// The text ends here, or another trace begins.
    fn close(&mut self, here: Cursor) -> Result<()> {
        if self.state == State::Opened {
            return Err(here.expected("expected the map's type, such as `map[string]int64`"));
        }
        self.state = State::Outside;
        Ok(())
    }

    fn open(&mut self, mut cursor: Cursor) -> Result<()> {
        let map = self.types.parse_map(&mut cursor)?;
        cursor.expect_end()?;
        self.traces.push(Trace {
            header: Header::new(map),
            ops: Vec::new(),
            iterators: Vec::new(),
        });
        self.state = State::Header;
        self.directives.clear();
        self.alive.clear();
        Ok(())
    }

    fn directive(&mut self, name: &'static str, start: Cursor, mut cursor: Cursor) -> Result<()> {
        if name != "show" && self.directives.contains(&name) {
            return Err(start.refused(&format!("a second `{name}`")));
        }
        self.directives.push(name);
        let header = &mut self.traces.last_mut().expect("an open trace").header;
        match name {
            "seed" => header.seed = cursor.number()?,
            "hash" => header.hash = hash_for(&mut cursor, header)?,
            "path" => header.path = path(&mut cursor, header)?,
            "era" => header.era = era(&mut cursor)?,
            "check" => header.check = check(&mut cursor)?,
            "memory" => header.memory = memory(&mut cursor)?,
            _ => show(&mut cursor, &mut header.show)?,
        }
        cursor.expect_end()
    }

    fn operation(&mut self, word: &str, start: Cursor, mut cursor: Cursor) -> Result<()> {
        self.state = State::Operations;
        let op = match word {
            "make" if cursor.at_end() => Op::Make(None),
            "make" => Op::Make(Some(hint(&mut cursor)?)),
            "insert" => Op::Insert(self.key(&mut cursor)?, self.elem(&mut cursor)?),
            "delete" => Op::Delete(self.key(&mut cursor)?),
            "get" => Op::Get(self.key(&mut cursor)?),
            "read" => Op::Read(self.key(&mut cursor)?),
            "clear" => Op::Clear,
            "iter" => Op::Iter(self.new_iterator(&mut cursor)?),
            "next" => Op::Next(self.iterator(&mut cursor)?),
            "drop" => {
                let id = self.iterator(&mut cursor)?;
                self.alive[id.0 as usize] = false;
                Op::Drop(id)
            }
            "clone" => Op::Clone,
            "swap" => Op::Swap,
            name if DIRECTIVES.contains(&name) => {
                return Err(start.refused(&format!("`{name}` must stand before the operations")));
            }
            _ => return Err(start.expected(OPERATIONS)),
        };
        cursor.expect_end()?;
        self.trace().ops.push(op);
        Ok(())
    }

    fn trace(&mut self) -> &mut Trace {
        self.traces.last_mut().expect("an open trace")
    }

    fn key(&mut self, cursor: &mut Cursor) -> Result<Value> {
        let ty = self.trace().header.map.key.clone();
        parse_value(cursor, &ty, &mut self.types)
    }

    fn elem(&mut self, cursor: &mut Cursor) -> Result<Value> {
        let ty = self.trace().header.map.elem.clone();
        parse_value(cursor, &ty, &mut self.types)
    }

    fn new_iterator(&mut self, cursor: &mut Cursor) -> Result<IterId> {
        let name = iterator_name(cursor)?;
        let names = &mut self.trace().iterators;
        let index = names
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| {
                names.push(name.to_string());
                names.len() - 1
            });
        let count = names.len();
        self.alive.resize(count, false);
        self.alive[index] = true;
        Ok(IterId(index as u32))
    }

    /// The name of an iterator that is alive.
    fn iterator(&mut self, cursor: &mut Cursor) -> Result<IterId> {
        cursor.skip_blanks();
        let start = *cursor;
        let name = iterator_name(cursor)?;
        let index = self
            .trace()
            .iterators
            .iter()
            .position(|known| known == name);
        match index {
            Some(index) if self.alive[index] => Ok(IterId(index as u32)),
            _ => Err(start.refused(&format!(
                "no iterator `{name}` is alive: `iter {name}` begins one"
            ))),
        }
    }
}

fn iterator_name<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str> {
    let start = *cursor;
    match cursor.word() {
        "" => Err(start.expected("expected the name of an iterator (letters and digits)")),
        name => Ok(name),
    }
}

fn hint(cursor: &mut Cursor) -> Result<i64> {
    let start = *cursor;
    let negative = cursor.skip("-");
    let number = cursor.number()?;
    let hint = if negative {
        0i64.checked_sub_unsigned(number)
    } else {
        0i64.checked_add_unsigned(number)
    };
    hint.ok_or_else(|| start.expected("expected a hint from -2^63 to 2^63 - 1"))
}

fn hash_for(cursor: &mut Cursor, header: &Header) -> Result<Hash> {
    let start = *cursor;
    let hash = hash(cursor)?;
    if hash == Hash::Default && !header.map.has_default_hash() {
        return Err(start.refused(NO_DEFAULT_HASH));
    }
    Ok(hash)
}

/// Why a map cannot have the hash `default`.
pub const NO_DEFAULT_HASH: &str = "the default hash is for strings and integers of 4 and 8 bytes, with elems of at most 128 bytes";

fn hash(cursor: &mut Cursor) -> Result<Hash> {
    let start = *cursor;
    match cursor.word() {
        "default" => Ok(Hash::Default),
        "good" => Ok(Hash::Good),
        "few" => Ok(Hash::Few),
        "identity" => Ok(Hash::Identity),
        "const" => cursor.number().map(Hash::Const),
        _ => Err(start.expected("expected default, good, few, identity or const")),
    }
}

fn path(cursor: &mut Cursor, header: &Header) -> Result<Path> {
    let start = *cursor;
    match cursor.word() {
        "generic" => Ok(Path::Generic),
        "fast" if header.map.fast().is_none() => {
            Err(start.refused(&format!("Go has no fast functions for {}", header.map)))
        }
        "fast" => Ok(Path::Fast),
        _ => Err(start.expected("expected generic or fast")),
    }
}

fn era(cursor: &mut Cursor) -> Result<Era> {
    let start = *cursor;
    let word = cursor.word();
    [Era::Go112, Era::Go119, Era::Go123]
        .into_iter()
        .find(|&era| era_name(era) == word)
        .ok_or_else(|| start.expected("expected go112, go119 or go123"))
}

fn check(cursor: &mut Cursor) -> Result<Check> {
    let start = *cursor;
    let word = cursor.word();
    let before = *cursor;
    let kind = match word {
        "auto" => Check::Auto,
        "every" => Check::Every,
        "from" => Check::From,
        _ => return Err(start.expected("expected auto, every or from")),
    };
    match cursor.number()? {
        0 => Err(before.expected("expected a number above 0")),
        number => Ok(kind(number)),
    }
}

fn memory(cursor: &mut Cursor) -> Result<Memory> {
    let start = *cursor;
    match cursor.word() {
        "lasting" => Ok(Memory::Lasting),
        "reused" => Ok(Memory::Reused),
        _ => Err(start.expected("expected lasting or reused")),
    }
}

fn show(cursor: &mut Cursor, show: &mut Show) -> Result<()> {
    if cursor.skip("all") {
        show.all = true;
    } else if cursor.skip("end") {
        show.end = true;
    } else {
        let start = *cursor;
        let number = cursor.number().map_err(|_: Malformed| {
            start.expected("expected the number of an operation, all or end")
        })?;
        if let Err(place) = show.after.binary_search(&number) {
            show.after.insert(place, number);
        }
    }
    Ok(())
}

/// The map type in `text`, all of it.
///
/// # Errors
/// As for a line of a trace.
pub fn parse_map(text: &str, types: &mut Types) -> Result<MapTy> {
    let mut cursor = Cursor::new(text.as_bytes(), 1);
    let map = types.parse_map(&mut cursor)?;
    cursor.expect_end().map(|()| map)
}

/// The hash function in `text`, all of it.
///
/// # Errors
/// As for a line of a trace.
pub fn parse_hash(text: &str) -> Result<Hash> {
    let mut cursor = Cursor::new(text.as_bytes(), 1);
    let hash = hash(&mut cursor)?;
    cursor.expect_end().map(|()| hash)
}
