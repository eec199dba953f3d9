//! Maps in a host: collectors that move memory or mark while the program runs, and iteration that
//! the map knows nothing of.

#[cfg(feature = "gc-arena")]
mod arena;
mod docs;
mod kinds;
mod machine;
mod marking;
mod moving;
mod position;
mod schedule;
mod steps;
mod table;
