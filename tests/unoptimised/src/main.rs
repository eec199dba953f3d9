//! Recursions through functions that use a map, as deep as they are told: `LIBRARY CASE DEPTH`.
//!
//! The stack is that of a thread, two megabytes, as tests have it.

use std::env;
use std::thread;

/// The recursions, with the types of a library.
macro_rules! recursions {
    ($library:ident: $map:path, $set:path) => {
        mod $library {
            use $map as Map;
            use $set as Set;

            /// The search that is written everywhere.
            fn search(n: u64, end: u64, seen: &mut Set<u64>, path: &mut Set<u64>) {
                if !seen.insert(n) {
                    return;
                }
                path.insert(n);
                if n < end {
                    search(n + 1, end, seen, path);
                }
                path.remove(&n);
            }

            /// Entries and lookups that change a value.
            fn count(n: u64, end: u64, counts: &mut Map<u64, u64>) {
                *counts.entry(n % 1000).or_insert(0) += 1;
                if let Some(before) = counts.get_mut(&(n.wrapping_sub(1) % 1000)) {
                    *before += 1;
                }
                if n < end {
                    count(n + 1, end, counts);
                }
                *counts.entry(n % 1000).or_default() -= 1;
            }

            /// An iterator in each frame.
            fn follow(n: u64, end: u64, edges: &Map<u64, Set<u64>>, seen: &mut Set<u64>) {
                let Some(next) = edges.get(&(n % 1000)) else {
                    return;
                };
                for step in next {
                    if n < end && seen.insert(n) {
                        follow(n + step, end, edges, seen);
                    }
                }
            }

            /// Keys of which another type is the borrowed form.
            fn spell(n: u64, end: u64, words: &mut Map<String, Vec<u64>>) {
                let word = (n % 1000).to_string();
                if !words.contains_key(word.as_str()) {
                    words.insert(word.clone(), Vec::new());
                }
                words.entry(word.clone()).or_default().push(n);
                if n < end {
                    spell(n + 1, end, words);
                }
                if let Some(numbers) = words.get_mut(&word) {
                    numbers.pop();
                }
                words.remove(word.as_str());
            }

            /// Methods that go through the whole map.
            fn sift(n: u64, end: u64, map: &mut Map<u64, u64>) {
                map.extend([(n % 10, n)]);
                map.retain(|_, value| *value + 100 > n);
                let sum: u64 = map.values().sum();
                if n < end && sum >= n {
                    sift(n + 1, end, map);
                }
                map.drain().for_each(drop);
            }

            pub fn run(case: &str, depth: u64) {
                match case {
                    "search" => search(0, depth, &mut Set::new(), &mut Set::new()),
                    "count" => count(0, depth, &mut Map::new()),
                    "follow" => {
                        let edges = (0..1000).map(|n| (n, [1, 2].into_iter().collect()));
                        follow(0, depth, &edges.collect(), &mut Set::new());
                    }
                    "spell" => spell(0, depth, &mut Map::new()),
                    "sift" => sift(0, depth, &mut Map::new()),
                    _ => panic!("no case {case}"),
                }
            }
        }
    };
}

recursions!(standard: std::collections::HashMap, std::collections::HashSet);
recursions!(gomap: gomap::Map, gomap::Set);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [library, case, depth] = &arguments[..] else {
        panic!("LIBRARY CASE DEPTH");
    };
    let depth = depth.parse().expect("a number");
    let run = match library.as_str() {
        "standard" => standard::run,
        "gomap" => gomap::run,
        _ => panic!("no library {library}"),
    };
    let case = case.clone();
    let thread = thread::Builder::new().stack_size(2 << 20);
    let thread = thread.spawn(move || run(&case, depth)).expect("a thread");
    thread
        .join()
        .expect("it returns, or the process dies of its stack");
}
