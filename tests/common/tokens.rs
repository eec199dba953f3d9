//! Values that count: a token is live from its making to its drop, which happens exactly once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

thread_local! {
    static LIVE: RefCell<HashMap<u64, u32>> = RefCell::default();
    static NEXT: Cell<u64> = const { Cell::new(1) };
}

/// A new token for the value `id`.
pub fn make(id: u32) -> u64 {
    let token = NEXT.get();
    NEXT.set(token + 1);
    LIVE.with_borrow_mut(|live| live.insert(token, id));
    token
}

/// The value that a live token stands for.
pub fn value(token: u64) -> u32 {
    LIVE.with_borrow(|live| *live.get(&token).expect("a value was used after its end"))
}

/// Ends a live token.
pub fn end(token: u64) {
    let value = LIVE.with_borrow_mut(|live| live.remove(&token));
    assert!(value.is_some(), "a value was dropped twice");
}

/// How many tokens are live.
pub fn live() -> usize {
    LIVE.with_borrow(HashMap::len)
}
