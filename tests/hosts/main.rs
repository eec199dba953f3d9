//! Maps in a host: collectors that move memory or mark while the program runs, and iteration that the map knows nothing
//! of.

mod cursor;
mod kinds;
mod moving;
