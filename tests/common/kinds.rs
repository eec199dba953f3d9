//! The keys and elems that maps are tried with, each driven by small numbers.

use std::sync::LazyLock;

use maptype::alg::{self, Aggregate, GoString, Interface};
use maptype::{Kind as TypeKind, NEED_KEY_UPDATE, REFLEXIVE_KEY, Type};

use super::faults::{Fault, unwind_callback_if_due, unwind_if_due};
use super::{keys, tokens};

/// A type, and how to make and to know its values. A value is an id (what equality sees) and a
/// variant (what it does not: the sign of a zero, the address of a string, the bytes of padding).
pub struct Kind {
    pub name: &'static str,
    pub ty: Type,
    /// Ids are below this.
    pub ids: u32,
    /// How many variants an id has.
    pub variants: fn(u32) -> u32,
    /// Writes a value.
    pub write: fn(*mut u8, u32, u32),
    /// Reads a value; checks every byte of it.
    pub read: fn(*const u8) -> (u32, u32),
    /// Ids that equal nothing, not even themselves; their variants tell them apart.
    pub unequal: fn(u32) -> bool,
    /// Ends a value that the map does not own, where that means something.
    pub end: Option<fn(*mut u8)>,
    /// The fast functions that take such keys.
    pub fast: Fast,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fast {
    None,
    Word32,
    Word64,
    Str,
}

/// Room for any value.
#[repr(C, align(64))]
pub struct Buf(pub [u8; 256]);

impl Buf {
    pub fn new() -> Buf {
        Buf([0xa5; 256])
    }

    pub fn ptr(&self) -> *const u8 {
        self.0.as_ptr()
    }

    pub fn mut_ptr(&mut self) -> *mut u8 {
        self.0.as_mut_ptr()
    }
}

impl Kind {
    fn new(name: &'static str, ty: Type, ids: u32) -> Kind {
        Kind {
            name,
            ty,
            ids,
            variants: |_| 1,
            write: |_, _, _| {},
            read: |_| (0, 0),
            unequal: |_| false,
            end: None,
            fast: Fast::None,
        }
    }

    fn values(mut self, write: fn(*mut u8, u32, u32), read: fn(*const u8) -> (u32, u32)) -> Kind {
        self.write = write;
        self.read = read;
        self
    }

    fn variants(mut self, variants: fn(u32) -> u32) -> Kind {
        self.variants = variants;
        self
    }

    fn fast(mut self, fast: Fast) -> Kind {
        self.fast = fast;
        self
    }

    /// The same kind, hashed as the test says, with callbacks that can fail.
    fn watched(self) -> Kind {
        let inner: &'static Watched = Box::leak(Box::new(Watched {
            ty: self.ty,
            read: self.read,
            unequal: self.unequal,
        }));
        let ty = inner
            .ty
            .duplicate()
            .with_kind(TypeKind::Opaque)
            .with_hash(watched_hash)
            .with_equal(watched_equal)
            .with_context((&raw const *inner).cast());
        Kind { ty, ..self }
    }

    pub fn counted(&self) -> bool {
        self.end.is_some()
    }
}

/// What the callbacks of a watched type look up.
struct Watched {
    ty: Type,
    read: fn(*const u8) -> (u32, u32),
    unequal: fn(u32) -> bool,
}

unsafe extern "C-unwind" fn watched_hash(key: *const u8, seed: usize, ty: *const Type) -> usize {
    unwind_callback_if_due(Fault::Hash);
    // SAFETY: the type is a watched one.
    let watched = unsafe { Type::context_of::<Watched>(ty) };
    let (id, _) = (watched.read)(key);
    if (watched.unequal)(id) {
        keys::draw()
    } else {
        keys::hash(id, seed)
    }
}

unsafe extern "C-unwind" fn watched_equal(a: *const u8, b: *const u8, ty: *const Type) -> bool {
    unwind_callback_if_due(Fault::Equal);
    // SAFETY: the type is a watched one; both are values of it.
    unsafe {
        let watched = Type::context_of::<Watched>(ty);
        watched.ty.alg.equal.unwrap()(a, b, &watched.ty)
    }
}

/// Values of `N` bytes, all of which depend on the id.
fn bytes<const N: usize>(name: &'static str, align: u32) -> Kind {
    fn pattern<const N: usize>(id: u32) -> [u8; N] {
        std::array::from_fn(|i| id.to_le_bytes()[i % 4] ^ (i / 4 * 37) as u8)
    }
    let ids = match N {
        0 => 1,
        1 => 256,
        _ => 1 << 16,
    };
    Kind::new(name, alg::memory(name, N, align), ids).values(
        // SAFETY: room for a value.
        |at, id, _| unsafe { at.cast::<[u8; N]>().write(pattern(id)) },
        |at| {
            // SAFETY: a value.
            let found = unsafe { at.cast::<[u8; N]>().read() };
            let id = (0..N.min(2)).fold(0, |id, i| id | (found[i] as u32) << (8 * i));
            assert_eq!(found, pattern(id), "a value was damaged");
            (id, 0)
        },
    )
}

/// The bits of a NaN above its variant.
const NAN: u64 = 0x7ff8 << 48;

fn float() -> Kind {
    fn unequal(id: u32) -> bool {
        id % 8 == 7
    }
    let mut kind = Kind::new("float64", alg::FLOAT64.duplicate(), 1 << 12).values(
        |at, id, variant| {
            let bits = match id {
                0 => (variant as u64) << 63,
                id if unequal(id) => NAN | (id as u64) << 32 | variant as u64,
                id => (id as f64).to_bits(),
            };
            // SAFETY: room for a value.
            unsafe { at.cast::<u64>().write(bits) }
        },
        |at| {
            // SAFETY: a value.
            let bits = unsafe { at.cast::<u64>().read() };
            let value = f64::from_bits(bits);
            if value.is_nan() {
                return ((bits >> 32) as u32 & 0xfff, bits as u32);
            }
            assert_eq!(value.fract(), 0.0, "a value was damaged");
            (value as u32, (bits >> 63) as u32)
        },
    );
    kind.unequal = unequal;
    kind.variants(|id| if id == 0 { 2 } else { 1 })
}

const STRINGS: u32 = 4096;

/// Strings, twice, so that equal ones can have different addresses.
static TEXTS: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..2 * STRINGS).map(|i| text(i % STRINGS)).collect());

fn text(id: u32) -> String {
    format!("{}{id}", "long ".repeat(id as usize % 5))
}

/// The string of an id; that of 0 is empty.
fn header(id: u32, variant: u32) -> GoString {
    let text = TEXTS[(variant * STRINGS + id) as usize].as_bytes();
    GoString::new(if id == 0 { &text[..0] } else { text })
}

fn write_string(at: *mut u8, id: u32, variant: u32) {
    // SAFETY: room for a value.
    unsafe { at.cast::<GoString>().write(header(id, variant)) }
}

fn read_string(at: *const u8) -> (u32, u32) {
    // SAFETY: a value, whose bytes live for ever.
    let (string, bytes) = unsafe {
        let string = at.cast::<GoString>().read();
        (string, string.as_bytes())
    };
    let digits = bytes
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let number = std::str::from_utf8(&bytes[bytes.len() - digits..]).unwrap();
    let id = number.parse().unwrap_or(0);
    // SAFETY: as above.
    let expected = unsafe { header(id, 0).as_bytes() };
    assert_eq!(bytes, expected, "a value was damaged");
    let variant = u32::from(string.data != TEXTS[id as usize].as_ptr());
    (id, variant)
}

fn string() -> Kind {
    Kind::new("string", alg::STRING.duplicate(), STRINGS)
        .values(write_string, read_string)
        .variants(|_| 2)
}

/// Values that interfaces point to, twice.
static WORDS: LazyLock<Vec<u64>> = LazyLock::new(|| (0..2 * 1024).map(|i| i % 1024).collect());
static HEADERS: LazyLock<Vec<Header>> =
    LazyLock::new(|| (0..2 * 1024).map(|i| Header(header(i % 1024, 0))).collect());

struct Header(GoString);

// SAFETY: the bytes are static, and they are not written.
unsafe impl Send for Header {}
// SAFETY: as above.
unsafe impl Sync for Header {}

/// Even ids are words in an interface, odd ones strings.
fn interface() -> Kind {
    Kind::new("interface", alg::INTERFACE.duplicate(), 1024)
        .variants(|_| 2)
        .values(
            |at, id, variant| {
                let index = (variant * 1024 + id) as usize;
                let value = if id % 2 == 0 {
                    Interface::new(&alg::UINT64, (&raw const WORDS[index]).cast())
                } else {
                    Interface::new(&alg::STRING, (&raw const HEADERS[index].0).cast())
                };
                // SAFETY: room for a value.
                unsafe { at.cast::<Interface>().write(value) }
            },
            |at| {
                // SAFETY: a value.
                let Interface { ty, data } = unsafe { at.cast::<Interface>().read() };
                let (first, size) = if std::ptr::eq(ty, &alg::UINT64) {
                    (WORDS.as_ptr().addr(), size_of::<u64>())
                } else {
                    assert!(std::ptr::eq(ty, &alg::STRING), "a value was damaged");
                    (HEADERS.as_ptr().addr(), size_of::<Header>())
                };
                let index = (data.addr() - first) / size;
                ((index % 1024) as u32, (index / 1024) as u32)
            },
        )
}

/// A byte, seven bytes of padding (the variant), a word.
fn padded() -> Kind {
    static PADDED: LazyLock<Aggregate<'static>> =
        LazyLock::new(|| Aggregate::structure("padded", &[&alg::UINT8, &alg::UINT64]).unwrap());
    Kind::new("padded", PADDED.duplicate(), 1 << 16)
        .variants(|_| 200)
        .values(
            // SAFETY: room for a value.
            |at, id, variant| unsafe {
                at.write_bytes(variant as u8, 16);
                at.write(id as u8);
                at.add(8).cast::<u64>().write(id as u64);
            },
            // SAFETY: a value.
            |at| unsafe {
                let id = at.add(8).cast::<u64>().read() as u32;
                let padding = at.add(1).read();
                assert_eq!(at.read(), id as u8, "a value was damaged");
                (id, padding as u32)
            },
        )
}

/// Tokens in values of `N` bytes.
fn counted<const N: usize>(name: &'static str, key_flags: u32) -> Kind {
    let ty = Type::opaque(name, N, 8, counted_hash, counted_equal)
        .with_drop(counted_drop)
        .with_copy(counted_copy)
        .with_key_flags(key_flags);
    let mut kind = Kind::new(name, ty, 1 << 16).values(
        // SAFETY: room for a value.
        |at, id, _| unsafe {
            at.write_bytes(id as u8, N);
            at.cast::<u64>().write(tokens::make(id));
        },
        |at| {
            let id = token_value(at);
            // SAFETY: a value.
            let rest = unsafe { std::slice::from_raw_parts(at.add(8), N - 8) };
            assert!(rest.iter().all(|&b| b == id as u8), "a value was damaged");
            (id, 0)
        },
    );
    // SAFETY: a value.
    kind.end = Some(|at| tokens::end(unsafe { at.cast::<u64>().read() }));
    kind
}

fn token_value(at: *const u8) -> u32 {
    // SAFETY: a counted value begins with its token.
    tokens::value(unsafe { at.cast::<u64>().read() })
}

unsafe extern "C-unwind" fn counted_hash(key: *const u8, seed: usize, _: *const Type) -> usize {
    unwind_callback_if_due(Fault::Hash);
    keys::hash(token_value(key), seed)
}

unsafe extern "C-unwind" fn counted_equal(a: *const u8, b: *const u8, _: *const Type) -> bool {
    unwind_callback_if_due(Fault::Equal);
    let equal = token_value(a) == token_value(b);
    equal != keys::lies()
}

unsafe extern "C-unwind" fn counted_drop(value: *mut u8, _: *const Type) {
    // SAFETY: a counted value.
    tokens::end(unsafe { value.cast::<u64>().read() });
    unwind_if_due(Fault::Drop);
}

unsafe extern "C-unwind" fn counted_copy(value: *mut u8, _: *const Type) {
    unwind_if_due(Fault::Copy);
    let id = token_value(value);
    // SAFETY: the bytes of a counted value.
    unsafe { value.cast::<u64>().write(tokens::make(id)) }
}

/// Keys of every kind that the map treats differently.
pub static KEYS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    vec![
        bytes::<1>("u8", 1).watched(),
        bytes::<4>("u32", 4).watched().fast(Fast::Word32),
        bytes::<8>("u64", 8).watched().fast(Fast::Word64),
        bytes::<16>("u128", 8).watched(),
        float().watched(),
        string().watched().fast(Fast::Str),
        bytes::<20>("[20]byte", 1).watched(),
        bytes::<128>("[128]byte", 1).watched(),
        bytes::<129>("[129]byte", 1).watched(),
        bytes::<0>("struct{}", 1).watched(),
        bytes::<32>("align 32", 32).watched(),
        interface().watched(),
        padded().watched(),
        counted::<8>("counted", REFLEXIVE_KEY),
        counted::<24>("counted, updated", REFLEXIVE_KEY | NEED_KEY_UPDATE),
        counted::<136>("counted in a box", REFLEXIVE_KEY),
        counted::<136>("counted in a box, updated", NEED_KEY_UPDATE),
        bytes::<4>("u32, default hash", 4).fast(Fast::Word32),
        bytes::<8>("u64, default hash", 8).fast(Fast::Word64),
        bytes::<12>("[12]byte, default hash", 1),
        bytes::<16>("u128, default hash", 8),
        bytes::<32>("[32]byte, default hash", 1),
        Kind {
            name: "string, default hash",
            ..string().fast(Fast::Str)
        },
        Kind {
            name: "float64, default hash",
            ..float()
        },
    ]
});

/// Elems of every kind that the map treats differently.
pub static ELEMS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    vec![
        bytes::<8>("u64", 8),
        bytes::<0>("struct{}", 1),
        bytes::<1>("u8", 1),
        bytes::<128>("[128]byte", 1),
        bytes::<129>("[129]byte", 1),
        bytes::<32>("align 32", 32),
        string(),
        counted::<8>("counted", REFLEXIVE_KEY),
        counted::<136>("counted in a box", REFLEXIVE_KEY),
    ]
});

fn named(kinds: &'static [Kind], name: &str) -> &'static Kind {
    kinds.iter().find(|kind| kind.name == name).expect(name)
}

/// The first kind of key of this name.
pub fn key(name: &str) -> &'static Kind {
    named(&KEYS, name)
}

/// The kind of elem of this name.
pub fn elem(name: &str) -> &'static Kind {
    named(&ELEMS, name)
}
