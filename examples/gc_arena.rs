//! A scripting machine's tables in an arena of `gc_arena`: built, walked while they change, collected.
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

    fn remove(self, mc: &Mutation<'gc>, key: Value<'gc>) {
        self.0.borrow_mut(mc).remove(&key);
    }

    fn len(self) -> usize {
        self.0.borrow().len()
    }

    /// A step of a loop over the table. Nothing is borrowed between steps, so that the body may do what it likes.
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

fn main() {
    let mut arena = Arena::<Rootable![Machine<'_>]>::new(|mc| Machine {
        globals: Table::new(mc),
        register: Position::START,
    });

    // Build: a thousand entries, every tenth of them a table.
    arena.mutate(|mc, machine| {
        for i in 0..1000 {
            let value = match i % 10 {
                0 => {
                    let table = Table::new(mc);
                    table.set(mc, Value::Number(0), string(mc, format!("in table {i}")));
                    Value::Table(table)
                }
                _ => Value::Number(i),
            };
            machine
                .globals
                .set(mc, string(mc, format!("key {i}")), value);
        }
    });

    // Walk a few entries at a time, with a collection in between. The body deletes and inserts.
    let mut visited = 0;
    loop {
        let steps = arena.mutate_root(|mc, machine| {
            let mut steps = 0;
            while steps < 50
                && let Some((key, value)) = machine.globals.next(&mut machine.register)
            {
                steps += 1;
                if let Value::Number(n) = value
                    && n < 10_000
                {
                    machine.globals.remove(mc, key);
                    let key = string(mc, format!("new {n}"));
                    machine.globals.set(mc, key, Value::Number(n + 10_000));
                }
            }
            steps
        });
        arena.finish_cycle();
        visited += steps;
        if steps == 0 {
            break;
        }
    }

    // Each old entry came up once; of the new ones, those that lay ahead.
    assert!((1000..=1900).contains(&visited));
    arena.mutate(|mc, machine| {
        assert_eq!(machine.globals.len(), 1000);
        for i in 0..1000 {
            let old = machine
                .globals
                .0
                .borrow()
                .get(&string(mc, format!("key {i}")))
                .copied();
            match (i % 10, old) {
                (0, Some(Value::Table(table))) => {
                    let inner = table.0.borrow()[&Value::Number(0)];
                    assert!(inner == string(mc, format!("in table {i}")));
                }
                (0, _) => panic!("table {i} is lost"),
                (_, old) => assert!(old.is_none()),
            }
        }
    });
    println!("visited {visited} entries");
}
