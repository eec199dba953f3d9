//! The typed map and set, as their users see them.

mod map;
mod model;
