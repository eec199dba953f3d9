//! The entry of one element in a set, or where it would go.

use core::fmt;

use crate::typed::{self, InsertError, Memory, SystemHeap};

/// The entry of an element in a set, or where it would go: see [`Set::entry`](super::Set::entry).
///
/// ```
/// use gomap::Set;
/// use gomap::typed::set::Entry;
///
/// let mut seen = Set::from([3]);
/// assert!(matches!(seen.entry(3), Entry::Occupied(_)));
/// assert!(matches!(seen.entry(5), Entry::Vacant(_)));
/// ```
pub enum Entry<'a, T, A: Memory = SystemHeap> {
    /// The element is in the set.
    Occupied(OccupiedEntry<'a, T, A>),
    /// The element is not in the set.
    Vacant(VacantEntry<'a, T, A>),
}

/// The entry of an element that is in the set.
///
/// ```
/// use gomap::Set;
///
/// let mut names = Set::new();
/// let entry = names.entry("apples").insert();
/// assert_eq!(entry.remove(), "apples");
/// ```
pub struct OccupiedEntry<'a, T, A: Memory = SystemHeap>(typed::OccupiedEntry<'a, T, (), A>);

/// Where an element that is not in the set would go.
///
/// ```
/// use gomap::Set;
/// use gomap::typed::set::Entry;
///
/// let mut names = Set::new();
/// if let Entry::Vacant(entry) = names.entry("apples") {
///     entry.insert();
/// }
/// assert_eq!(names.len(), 1);
/// ```
pub struct VacantEntry<'a, T, A: Memory = SystemHeap>(typed::VacantEntry<'a, T, (), A>);

impl<'a, T, A: Memory> Entry<'a, T, A> {
    #[inline]
    pub(super) fn of(entry: typed::Entry<'a, T, (), A>) -> Self {
        match entry {
            typed::Entry::Occupied(entry) => Entry::Occupied(OccupiedEntry(entry)),
            typed::Entry::Vacant(entry) => Entry::Vacant(VacantEntry(entry)),
        }
    }

    /// The stored element, if there is one, otherwise the one passed to `entry`.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut names = Set::new();
    /// assert_eq!(names.entry("apples").get(), &"apples");
    /// ```
    #[inline]
    pub fn get(&self) -> &T {
        match self {
            Entry::Occupied(entry) => entry.get(),
            Entry::Vacant(entry) => entry.get(),
        }
    }
}

impl<'a, T, A: Memory> Entry<'a, T, A> {
    /// Inserts the element if it is absent, and returns its entry.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut names = Set::new();
    /// assert_eq!(names.entry("apples").insert().get(), &"apples");
    /// ```
    #[inline]
    pub fn insert(self) -> OccupiedEntry<'a, T, A> {
        match self {
            Entry::Occupied(entry) => entry,
            Entry::Vacant(entry) => entry.insert(),
        }
    }

    /// Inserts the element if it is absent.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut names = Set::new();
    /// names.entry("apples").or_insert();
    /// names.entry("apples").or_insert();
    /// assert_eq!(names.len(), 1);
    /// ```
    #[inline]
    pub fn or_insert(self) {
        self.insert();
    }
}

impl<'a, T, A: Memory> OccupiedEntry<'a, T, A> {
    /// The stored element.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut names = Set::new();
    /// let entry = names.entry("apples").insert();
    /// assert_eq!(entry.get().len(), 6);
    /// ```
    #[inline]
    pub fn get(&self) -> &T {
        self.0.key()
    }

    /// The stored element, borrowed as long as the set is.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// fn intern(names: &mut Set<String>, name: String) -> &str {
    ///     names.entry(name).insert().into_ref()
    /// }
    /// # assert_eq!(intern(&mut Set::new(), "apples".into()), "apples");
    /// ```
    #[inline]
    pub fn into_ref(self) -> &'a T {
        self.0.into_entry().0
    }

    /// Removes the element, and returns it.
    ///
    /// ```
    /// use gomap::Set;
    ///
    /// let mut names = Set::new();
    /// let entry = names.entry("apples").insert();
    /// assert_eq!(entry.remove(), "apples");
    /// assert!(names.is_empty());
    /// ```
    #[inline]
    pub fn remove(self) -> T {
        self.0.remove_entry().0
    }
}

impl<'a, T, A: Memory> VacantEntry<'a, T, A> {
    /// The element passed to `entry`.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::set::Entry;
    ///
    /// let mut names = Set::new();
    /// if let Entry::Vacant(entry) = names.entry("apples") {
    ///     assert_eq!(entry.get(), &"apples");
    /// }
    /// ```
    #[inline]
    pub fn get(&self) -> &T {
        self.0.key()
    }

    /// Returns the element passed to `entry`.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::set::Entry;
    ///
    /// let mut names = Set::new();
    /// if let Entry::Vacant(entry) = names.entry("apples".to_string()) {
    ///     assert_eq!(entry.into_value(), "apples");
    /// }
    /// assert!(names.is_empty());
    /// ```
    #[inline]
    pub fn into_value(self) -> T {
        self.0.into_key()
    }

    /// Inserts the element, and returns its entry.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::set::Entry;
    ///
    /// let mut names = Set::new();
    /// if let Entry::Vacant(entry) = names.entry("apples") {
    ///     assert_eq!(entry.insert().get(), &"apples");
    /// }
    /// ```
    #[inline]
    pub fn insert(self) -> OccupiedEntry<'a, T, A> {
        OccupiedEntry(self.0.insert_entry(()))
    }

    /// [`VacantEntry::insert`], but returns an error instead of aborting.
    ///
    /// ```
    /// use gomap::Set;
    /// use gomap::typed::InsertError;
    /// use gomap::typed::set::Entry;
    ///
    /// let mut names = Set::new();
    /// if let Entry::Vacant(entry) = names.entry("apples") {
    ///     entry.insert_fallible()?;
    /// }
    /// assert!(names.contains("apples"));
    /// # Ok::<(), InsertError<&str, ()>>(())
    /// ```
    ///
    /// # Errors
    /// There is no memory for a new element. It is the error's `key`.
    #[inline]
    pub fn insert_fallible(self) -> Result<OccupiedEntry<'a, T, A>, InsertError<T, ()>> {
        self.0.insert_entry_fallible(()).map(OccupiedEntry)
    }
}

impl<T: fmt::Debug, A: Memory> fmt::Debug for Entry<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<T: fmt::Debug, A: Memory> fmt::Debug for OccupiedEntry<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("value", self.get())
            .finish_non_exhaustive()
    }
}

impl<T: fmt::Debug, A: Memory> fmt::Debug for VacantEntry<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(self.get()).finish()
    }
}
