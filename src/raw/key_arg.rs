//! Key arguments.

/// A key argument: by pointer (generic functions) or by value (`_fast32` …), so that it can stay in
/// a register.
pub(crate) trait KeyArg: Copy {
    /// Where the key is.
    fn at(&self) -> *const u8;
}

/// By pointer, as from the functions for keys of every kind.
impl KeyArg for *const u8 {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn at(&self) -> *const u8 {
        *self
    }
}

/// By value, as from the functions for one kind of key.
#[derive(Clone, Copy)]
pub(crate) struct ByValue<K>(pub(crate) K);

impl<K: Copy> KeyArg for ByValue<K> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn at(&self) -> *const u8 {
        (&raw const self.0).cast()
    }
}
