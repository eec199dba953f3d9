//! The default hash of typed maps: a folded multiply for each pair of words, keyed for each map.

use core::fmt;
use core::hash::{BuildHasher, Hasher};

use maptype::alg::{mix_bytes, mix_last, mix_word, mix_words};

use crate::heap::next_random;

/// The default [`BuildHasher`] of [`Map`](crate::Map) and [`Set`](crate::Set), with a random key
/// for each map.
///
/// The hash is fast and keyed, but not cryptographic: where an attacker chooses the keys and can
/// also measure time precisely, prefer `std::hash::RandomState`.
///
/// ```
/// use std::hash::BuildHasher;
///
/// use gomap::typed::DefaultHashBuilder;
///
/// let builder = DefaultHashBuilder::new();
/// assert_eq!(builder.hash_one("apples"), builder.hash_one("apples"));
/// assert_ne!(builder.hash_one("apples"), DefaultHashBuilder::new().hash_one("apples"));
/// ```
#[derive(Clone, Copy)]
pub struct DefaultHashBuilder {
    key: u64,
}

impl DefaultHashBuilder {
    /// A builder with a random key.
    ///
    /// ```
    /// use gomap::Map;
    /// use gomap::typed::DefaultHashBuilder;
    ///
    /// // Two maps with one key, and so with the same hashes.
    /// let builder = DefaultHashBuilder::new();
    /// let a: Map<u32, u32> = Map::with_hasher(builder);
    /// let b: Map<u32, u32> = Map::with_hasher(builder);
    /// # let _ = (a, b);
    /// ```
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        DefaultHashBuilder::default()
    }

    /// A builder with a given key, whose hashes are the same in every run of a program.
    ///
    /// ```
    /// use std::hash::BuildHasher;
    ///
    /// use gomap::typed::DefaultHashBuilder;
    ///
    /// const BUILDER: DefaultHashBuilder = DefaultHashBuilder::with_key(0x5eed);
    /// let again = DefaultHashBuilder::with_key(0x5eed);
    /// assert_eq!(BUILDER.hash_one("apples"), again.hash_one("apples"));
    /// ```
    pub const fn with_key(key: u64) -> Self {
        DefaultHashBuilder { key }
    }
}

impl Default for DefaultHashBuilder {
    /// A builder with a random key.
    #[inline]
    fn default() -> Self {
        DefaultHashBuilder::with_key(next_random())
    }
}

impl fmt::Debug for DefaultHashBuilder {
    /// The key is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultHashBuilder").finish_non_exhaustive()
    }
}

impl BuildHasher for DefaultHashBuilder {
    type Hasher = DefaultHasher;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn build_hasher(&self) -> DefaultHasher {
        DefaultHasher::with_key(self.key)
    }
}

/// The default [`Hasher`] of [`Map`](crate::Map) and [`Set`](crate::Set).
///
/// Words are mixed in pairs; which word is the first of a pair is known at compile time for keys of
/// a fixed shape. Each pair is multiplied under its own key, so that no product depends on the one
/// before.
///
/// ```
/// use std::hash::Hasher;
///
/// use gomap::typed::DefaultHasher;
///
/// let mut hasher = DefaultHasher::new();
/// hasher.write_u64(7);
/// let mut other = hasher.clone();
/// other.write_u64(8);
/// assert_ne!(hasher.finish(), other.finish());
/// ```
#[derive(Clone)]
pub struct DefaultHasher {
    /// The key for the next part.
    key: u64,
    /// The parts so far.
    state: u64,
    /// The first word of a pair.
    word: Option<u64>,
}

/// Makes the keys of two parts differ: fractional digits of the root of 5.
const NEXT: u64 = 0x3c6e_f372_fe94_f82b;

/// The key of a hasher that was made without one: fractional digits of the root of 3.
const NO_KEY: u64 = 0xbb67_ae85_84ca_a73b;

impl DefaultHasher {
    /// A hasher with a constant key: its hashes are the same in every run of a program.
    ///
    /// It is meant for `BuildHasherDefault`. Keys that an attacker may choose are better hashed
    /// with a [`DefaultHashBuilder`].
    ///
    /// ```
    /// use std::hash::BuildHasherDefault;
    ///
    /// use gomap::Map;
    /// use gomap::typed::DefaultHasher;
    ///
    /// let mut stock: Map<&str, u32, BuildHasherDefault<DefaultHasher>> = Map::default();
    /// stock.insert("apples", 3);
    /// assert_eq!(stock["apples"], 3);
    /// ```
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        DefaultHasher::with_key(NO_KEY)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    const fn with_key(key: u64) -> Self {
        DefaultHasher {
            key,
            state: 0,
            word: None,
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn take_part(&mut self, part: u64) {
        self.state ^= part;
        self.key = self.key.rotate_left(29) ^ NEXT;
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn take_word(&mut self, x: u64) {
        match self.word.take() {
            None => self.word = Some(x),
            Some(first) => self.take_part(mix_words(first, x, self.key)),
        }
    }

    /// Mixes in a word that waits for a second one, before input that is not a word.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn settle(&mut self) {
        if let Some(word) = self.word.take() {
            self.take_part(mix_words(word, 0, self.key));
        }
    }
}

impl Default for DefaultHasher {
    /// [`DefaultHasher::new`].
    #[inline]
    fn default() -> Self {
        DefaultHasher::new()
    }
}

impl fmt::Debug for DefaultHasher {
    /// The state is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultHasher").finish_non_exhaustive()
    }
}

/// What `str` writes at its end, so that strings differ from their prefixes.
const END_OF_STRING: u8 = 0xff;
/// Makes the keys before and after such a byte differ: fractional digits of the inverse of pi.
const END: u64 = 0x517c_c1b7_2722_0a95;

macro_rules! write_words {
    ($($name:ident($int:ty))*) => {
        $(
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn $name(&mut self, x: $int) {
                self.take_word(x as u64);
            }
        )*
    };
}

impl Hasher for DefaultHasher {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn finish(&self) -> u64 {
        match self.word {
            Some(word) => mix_word(word, self.state ^ self.key),
            None => mix_last(self.state),
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write(&mut self, bytes: &[u8]) {
        self.settle();
        self.take_part(mix_bytes(bytes, self.key));
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_u8(&mut self, x: u8) {
        if x == END_OF_STRING && self.word.is_none() {
            // The bytes of a string were mixed with their length, so its end adds nothing. A plain
            // byte of this value must count: it changes the key of the next part.
            self.key = self.key.rotate_left(23) ^ END;
        } else {
            self.take_word(x as u64);
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_i8(&mut self, x: i8) {
        self.write_u8(x as u8);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_u128(&mut self, x: u128) {
        self.write_u64(x as u64);
        self.write_u64((x >> 64) as u64);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn write_i128(&mut self, x: i128) {
        self.write_u128(x as u128);
    }

    write_words! {
        write_u16(u16) write_u32(u32) write_u64(u64) write_usize(usize)
        write_i16(i16) write_i32(i32) write_i64(i64) write_isize(isize)
    }
}
