//! The comparison with real Go.

mod compare;
mod explain;
mod minimise;
mod oracle;

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::coverage::Coverage;
use crate::trace::Trace;

pub use explain::Explanation;
pub use oracle::oracle_path;

use compare::compare;
use explain::explain;
use minimise::Minimiser;
use oracle::Oracle;

/// Compares traces of one era with one oracle program, one after the other.
pub struct Comparer<'a> {
    program: &'a Path,
    oracle: Oracle,
    pub coverage: Coverage,
    /// How long to search for a shorter trace with the difference.
    pub patience: Duration,
}

impl<'a> Comparer<'a> {
    /// # Errors
    /// The program cannot be started.
    pub fn new(program: &'a Path, patience: Duration) -> io::Result<Comparer<'a>> {
        Ok(Comparer {
            program,
            oracle: Oracle::start(program)?,
            coverage: Coverage::default(),
            patience,
        })
    }

    /// Compares one trace, and explains the difference if there is one. `progress` is called with the number of operations done.
    ///
    /// # Errors
    /// No oracle can be started.
    pub fn compare(
        &mut self,
        trace: &Trace,
        progress: &mut dyn FnMut(u64),
        shortened: &dyn Fn(usize),
    ) -> io::Result<Option<Explanation>> {
        let found = compare(trace, &mut self.oracle, &mut self.coverage, progress);
        let Some(difference) = found else {
            return Ok(None);
        };
        let start = || Oracle::start(self.program);
        self.oracle = start()?;
        let minimiser = Minimiser::new(&start, self.patience, shortened);
        let shown = minimiser.minimise(trace, difference)?;
        Ok(Some(explain(&shown, &start)?))
    }
}
