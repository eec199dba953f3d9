//! The standard library's hash maps by their own paths, as those of gomap.

pub mod collections {
    pub use std::collections::*;

    pub use gomap::{Map as HashMap, Set as HashSet};

    pub mod hash_map {
        pub use gomap::Map as HashMap;
        pub use gomap::typed::DefaultHashBuilder as RandomState;
        pub use gomap::typed::{
            DefaultHasher, Drain, Entry, IntoIter, IntoKeys, IntoValues, Iter, IterMut, Keys,
            OccupiedEntry, VacantEntry, Values, ValuesMut,
        };
    }

    pub mod hash_set {
        pub use gomap::Set as HashSet;
        pub use gomap::typed::set::{Drain, IntoIter, Iter};
    }
}

pub mod rustc_hash {
    pub use rustc_hash::*;

    pub type FxHashMap<K, V> = gomap::Map<K, V, FxBuildHasher>;
    pub type FxHashSet<T> = gomap::Set<T, FxBuildHasher>;
}
