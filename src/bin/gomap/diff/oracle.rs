//! The oracle: a program that runs traces on real Go maps.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use maptype::Era;

use crate::snapshot::Row;

/// An oracle that is running.
pub struct Oracle {
    program: PathBuf,
    child: Child,
    /// Traces on their way to it.
    traces: Sender<String>,
    answers: BufReader<ChildStdout>,
    line: String,
}

/// The oracle's answer after an operation, or after the last.
#[derive(Debug, Default)]
pub struct Answer {
    pub digest: u64,
    /// Whether Go crashed. Then there are no more answers about the trace.
    pub crashed: bool,
    pub rows: Vec<Row>,
}

/// The oracle of an era, as `tests/go/build` makes it, below `directory`.
pub fn oracle_path(directory: &Path, era: Era) -> PathBuf {
    directory.join(match era {
        Era::Go123 => "oracle-1.23",
        Era::Go112 | Era::Go119 => "oracle-1.19",
    })
}

impl Oracle {
    /// Starts the program.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(program: &Path) -> io::Result<Oracle> {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| explain(program, error))?;
        let mut stdin = child.stdin.take().expect("a piped stream");
        let stdout = child.stdout.take().expect("a piped stream");
        let (traces, waiting) = channel::<String>();
        // A separate thread, so that neither side waits for the other to read. It ends when the oracle has stopped,
        // which the reader reports, or when `traces` is dropped.
        thread::spawn(move || {
            while let Ok(text) = waiting.recv() {
                if stdin
                    .write_all(text.as_bytes())
                    .and_then(|()| stdin.flush())
                    .is_err()
                {
                    return;
                }
            }
        });
        Ok(Oracle {
            program: program.to_path_buf(),
            child,
            traces,
            answers: BufReader::with_capacity(1 << 18, stdout),
            line: String::new(),
        })
    }

    /// Sends it a trace, which it begins to run.
    pub fn send(&self, trace: &str) {
        // If the oracle has stopped, reading its answers fails.
        let _ = self.traces.send(format!("{trace}end\n"));
    }

    /// Its next answer.
    ///
    /// # Errors
    /// It stopped.
    pub fn answer(&mut self) -> io::Result<Answer> {
        let mut answer = Answer::default();
        loop {
            self.line.clear();
            if self.answers.read_line(&mut self.line)? == 0 {
                return Err(self.stopped());
            }
            let line = self.line.trim_end();
            match line.split_once(' ') {
                None if line == "crash" => answer.crashed = true,
                None => answer.digest = digest(line)?,
                Some(("end", text)) => answer.digest = digest(text)?,
                Some(("op", _)) => continue,
                Some((path, value)) => {
                    answer.rows.push(Row {
                        path: path.to_string(),
                        value: value.to_string(),
                    });
                    continue;
                }
            }
            return Ok(answer);
        }
    }
}

impl Oracle {
    /// Why it stopped: the first line of its standard error.
    fn stopped(&mut self) -> io::Error {
        let mut message = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let _ = stderr.read_to_string(&mut message);
        }
        let status = self
            .child
            .wait()
            .map_or(String::new(), |status| status.to_string());
        let first = message.lines().next().unwrap_or(&status).to_string();
        io::Error::other(format!("{} stopped: {first}", self.program.display()))
    }
}

fn digest(text: &str) -> io::Result<u64> {
    u64::from_str_radix(text, 16)
        .map_err(|_| io::Error::other(format!("the oracle wrote {text:?} instead of a digest")))
}

fn explain(program: &Path, error: io::Error) -> io::Error {
    let program = program.display();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("{program} does not exist; tests/go/build makes it"),
        _ => format!("{program}: {error}"),
    };
    io::Error::new(error.kind(), message)
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It may be in the middle of a trace whose end is not needed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
