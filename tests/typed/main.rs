//! The typed map and set, as their users see them.

mod auto_traits;
mod bridge;
mod map;
mod model;
mod panics;
#[cfg(feature = "rayon")]
mod rayon;
#[cfg(feature = "serde")]
mod serde;
mod set;
mod sizes;
mod walk;
