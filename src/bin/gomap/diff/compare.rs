//! One trace on both maps, operation by operation.

use super::oracle::{Answer, Oracle};
use crate::coverage::Coverage;
use crate::run::Run;
use crate::trace::{Memory, Trace};

/// The first difference found between two maps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The number of the operation; at the end, one more than there are.
    pub operation: usize,
    /// The last operation before it after which all memory was compared and equal.
    pub equal_after: usize,
    /// Why one side stopped, if it did.
    pub stopped: Option<String>,
}

/// Runs `trace` on gomap and on the oracle. `progress` is called with the number of operations done.
pub fn compare(
    trace: &Trace,
    oracle: &mut Oracle,
    coverage: &mut Coverage,
    progress: &mut dyn FnMut(u64),
) -> Option<Difference> {
    const PROGRESS: usize = 1 << 12;
    oracle.send(&trace.to_string());
    let mut run = Run::new(trace);
    let mut equal_after = 0;
    for operation in 1..=trace.ops.len() {
        let differs = |operation, stopped| Difference {
            operation,
            equal_after,
            stopped,
        };
        let outcome = match run.step().expect("another operation") {
            Ok(outcome) => outcome,
            Err(thrown) => return Some(differs(operation, Some(format!("gomap: {thrown}")))),
        };
        coverage.note(&trace.ops[operation - 1], &outcome, run.machine());
        let report = run.report(&outcome);
        match oracle.answer() {
            Ok(Answer { crashed: true, .. }) => {
                coverage.note_crash();
                return None;
            }
            Ok(answer) if answer.digest == report.digest => {}
            Ok(_) => return Some(differs(operation, None)),
            // It may have stopped at a later operation: its last answers were lost.
            Err(error) => return Some(differs(trace.ops.len(), Some(error.to_string()))),
        }
        if report.compared {
            equal_after = operation;
        }
        if operation % PROGRESS == 0 {
            progress(PROGRESS as u64);
        }
    }
    progress((trace.ops.len() % PROGRESS) as u64);
    finish(run, oracle, trace.header.memory).map(|stopped| Difference {
        operation: trace.ops.len() + 1,
        equal_after,
        stopped,
    })
}

/// Compares the end, and checks that a map that frees its memory has freed all of it. The inner option is that of
/// [`Difference::stopped`].
fn finish(mut run: Run<'_>, oracle: &mut Oracle, memory: Memory) -> Option<Option<String>> {
    let digest = run.end().digest;
    match oracle.answer() {
        Ok(answer) if answer.digest == digest => {}
        Ok(_) => return Some(None),
        Err(error) => return Some(Some(error.to_string())),
    }
    let left = run.close();
    let leaks = memory == Memory::Reused && left != 0;
    leaks.then(|| Some(format!("gomap: {left} allocations were not freed")))
}
