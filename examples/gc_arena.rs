//! A scripting machine's tables in an arena of `gc_arena`: built, walked while they change,
//! collected.
//!
//! `cargo run --example gc_arena --features gc-arena`

use gc_arena::lock::RefLock;
use gc_arena::{Arena, Collect, Gc, Mutation, Rootable};
use gomap::Map;
use gomap::position::Position;

/// What a variable of the script holds. Strings are equal by content, tables by identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Collect)]
#[collect(no_drop)]
enum Value<'gc> {
    Number(i64),
    String(Gc<'gc, String>),
    Table(Table<'gc>),
}

#[derive(Clone, Copy, Collect)]
#[collect(no_drop)]
struct Table<'gc>(Gc<'gc, RefLock<Map<Value<'gc>, Value<'gc>>>>);

impl PartialEq for Table<'_> {
    fn eq(&self, other: &Self) -> bool {
        Gc::ptr_eq(self.0, other.0)
    }
}

impl Eq for Table<'_> {}

impl std::hash::Hash for Table<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        Gc::as_ptr(self.0).cast::<()>().hash(state);
    }
}

impl<'gc> Table<'gc> {
    fn new(mc: &Mutation<'gc>) -> Self {
        Table(Gc::new(mc, RefLock::new(Map::new())))
    }

    fn set(self, mc: &Mutation<'gc>, key: Value<'gc>, value: Value<'gc>) {
        self.0.borrow_mut(mc).insert(key, value);
    }

    fn get(self, key: Value<'gc>) -> Option<Value<'gc>> {
        self.0.borrow().get(&key).copied()
    }

    fn remove(self, mc: &Mutation<'gc>, key: Value<'gc>) {
        self.0.borrow_mut(mc).remove(&key);
    }

    fn len(self) -> usize {
        self.0.borrow().len()
    }

    /// A step of a loop over the table. Nothing is borrowed between steps, so that the body may do
    /// what it likes.
    fn next(self, at: &mut Position) -> Option<(Value<'gc>, Value<'gc>)> {
        self.0
            .borrow()
            .next_entry(at)
            .map(|(&key, &value)| (key, value))
    }
}

/// The machine: its global table, and a loop that is suspended in the middle.
#[derive(Collect)]
#[collect(no_drop)]
struct Machine<'gc> {
    globals: Table<'gc>,
    register: Position,
}

fn string<'gc>(mc: &Mutation<'gc>, text: String) -> Value<'gc> {
    Value::String(Gc::new(mc, text))
}

/// A thousand entries, every tenth of them a table.
fn build<'gc>(mc: &Mutation<'gc>, globals: Table<'gc>) {
    for i in 0..1000 {
        let value = match i % 10 {
            0 => {
                let table = Table::new(mc);
                table.set(mc, Value::Number(0), string(mc, format!("in table {i}")));
                Value::Table(table)
            }
            _ => Value::Number(i),
        };
        globals.set(mc, string(mc, format!("key {i}")), value);
    }
}

/// Up to fifty steps of a loop that deletes numbers and stores them anew; says whether it goes on.
fn go_on<'gc>(mc: &Mutation<'gc>, machine: &mut Machine<'gc>) -> bool {
    for _ in 0..50 {
        let Some((key, value)) = machine.globals.next(&mut machine.register) else {
            return false;
        };
        // Entries that the loop itself stored may come up, or not.
        if let Value::Number(n) = value
            && n < 10_000
        {
            machine.globals.remove(mc, key);
            let key = string(mc, format!("new {n}"));
            machine.globals.set(mc, key, Value::Number(n + 10_000));
        }
    }
    true
}

fn check<'gc>(mc: &Mutation<'gc>, globals: Table<'gc>) {
    assert_eq!(globals.len(), 1000);
    for i in 0..1000 {
        let old = globals.get(string(mc, format!("key {i}")));
        match (i % 10, old) {
            (0, Some(Value::Table(table))) => {
                let inner = table.get(Value::Number(0));
                assert!(inner == Some(string(mc, format!("in table {i}"))));
            }
            (0, _) => panic!("table {i} is lost"),
            (_, old) => assert!(old.is_none()),
        }
    }
}

fn main() {
    let mut arena = Arena::<Rootable![Machine<'_>]>::new(|mc| Machine {
        globals: Table::new(mc),
        register: Position::START,
    });
    arena.mutate(|mc, machine| build(mc, machine.globals));
    // The loop is left now and then, and everything that is not reachable collected. Nothing but
    // the register knows where it was.
    let mut chunks = 0;
    while arena.mutate_root(go_on) {
        arena.finish_cycle();
        chunks += 1;
    }
    arena.mutate(|mc, machine| check(mc, machine.globals));
    println!("the loop was left {chunks} times");
}
