//! The typed map and set, as their users see them.

mod bridge;
mod map;
mod model;
mod walk;
