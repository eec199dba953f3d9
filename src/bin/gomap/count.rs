//! `gomap count`: the words of files, counted in a type-erased map from string to int64.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use gomap::heap::SYSTEM;
use gomap::inspect::{Anatomy, anatomy};
use gomap::layout::{Hiter, Hmap};
use gomap::raw;
use indicatif::{ProgressBar, ProgressStyle};
use maptype::MapType;
use maptype::alg::{GoString, INT64, STRING};

/// Count the words of files, and show the map that counted them.
///
/// A word is a run of letters, digits, apostrophes and bytes beyond ASCII, in lower case.
#[derive(Args)]
pub struct Count {
    /// Files to read.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How many of the most frequent words to print.
    #[arg(short = 'n', long, default_value_t = 10)]
    top: usize,
}

impl Count {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let texts = read_all(&self.files)?;
        let mut words = Words::new()?;
        let bytes: usize = texts.iter().map(Vec::len).sum();
        let progress = progress_bar(bytes as u64);
        let start = Instant::now();
        let mut total = 0u64;
        for text in &texts {
            for chunk in lines(text, 1 << 20) {
                split(chunk).for_each(|word| {
                    words.add(word);
                    total += 1;
                });
                progress.inc(chunk.len() as u64);
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        progress.finish_and_clear();
        self.print(&words, total, bytes, seconds)?;
        Ok(())
    }

    fn print(&self, words: &Words, total: u64, bytes: usize, seconds: f64) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        for (word, count) in words.most_frequent(self.top) {
            writeln!(out, "{count:>9}  {}", String::from_utf8_lossy(word))?;
        }
        let rate = total as f64 / seconds.max(1e-9) / 1e6;
        let megabytes = bytes as f64 / 1e6;
        writeln!(
            out,
            "\n{total} words in {megabytes:.1} MB: {rate:.1} million words a second\n"
        )?;
        writeln!(out, "{}", words.anatomy())?;
        out.flush()
    }
}

/// The files in lower case.
fn read_all(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let read = |path: &PathBuf| {
        let mut text = read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        text.make_ascii_lowercase();
        Ok(text)
    };
    files.iter().map(read).collect()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut text = Vec::new();
        io::stdin().read_to_end(&mut text)?;
        return Ok(text);
    }
    if File::open(path)?.metadata()?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    fs::read(path)
}

/// Pieces of about `size` bytes that end between words.
fn lines(text: &[u8], size: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let tail = rest.get(size..).unwrap_or_default();
        let end = rest.len() - tail.len();
        let end = end
            + tail
                .iter()
                .position(|&b| !is_word_byte(b))
                .unwrap_or(tail.len());
        let (chunk, after) = rest.split_at(end);
        rest = after;
        Some(chunk)
    })
}

fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| !is_word_byte(byte))
        .filter(|word| !word.is_empty())
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'\'' || !byte.is_ascii()
}

fn progress_bar(bytes: u64) -> ProgressBar {
    /// Below this, counting ends before a progress bar could be read.
    const LONG: u64 = 64 << 20;
    if bytes < LONG {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The count of each word: a map from string to int64, whose keys point into `'text`.
struct Words<'text> {
    t: MapType,
    h: *mut Hmap,
    text: std::marker::PhantomData<&'text [u8]>,
}

impl<'text> Words<'text> {
    fn new() -> Result<Self, Box<dyn Error>> {
        let t = MapType::new(&STRING, &INT64, &SYSTEM)?;
        // SAFETY: `t` is valid.
        let h = unsafe { raw::makemap_small(&t) };
        Ok(Words {
            t,
            h,
            text: std::marker::PhantomData,
        })
    }

    fn add(&mut self, word: &'text [u8]) {
        let key = GoString::new(word);
        // SAFETY: `h` is a map of `t`; the elem is an int64; the word outlives the map.
        unsafe { *raw::mapassign(&self.t, self.h, key.as_key()).cast::<i64>() += 1 }
    }

    /// The most frequent words, those of equal frequency in order.
    fn most_frequent(&self, n: usize) -> Vec<(&'text [u8], i64)> {
        let mut all = self.entries();
        all.sort_unstable_by(|(a, m), (b, n)| n.cmp(m).then(a.cmp(b)));
        all.truncate(n);
        all
    }

    fn entries(&self) -> Vec<(&'text [u8], i64)> {
        let mut entries = Vec::new();
        let mut it = Hiter::zeroed();
        // SAFETY: `h` is a map of `t`; `&self` keeps it unchanged; its keys are words of the text.
        unsafe {
            raw::mapiterinit(&self.t, self.h, &mut it);
            while !it.key.is_null() {
                let word = it.key.cast::<GoString>().read().as_bytes();
                entries.push((word, it.elem.cast::<i64>().read()));
                raw::mapiternext(&mut it);
            }
            raw::mapiterdone(&mut it);
        }
        entries
    }

    fn anatomy(&self) -> Anatomy {
        // SAFETY: `h` is a map of `t`; `&self` keeps it unchanged.
        unsafe { anatomy(&self.t, self.h) }
    }
}

impl Drop for Words<'_> {
    fn drop(&mut self) {
        // SAFETY: `h` is a map of `t`, and not used again.
        unsafe { raw::mapfree(&self.t, self.h) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_across_chunks() {
        let text = b"The cat, the dog's CAT; the end".to_ascii_lowercase();
        for size in 1..text.len() {
            let mut words = Words::new().unwrap();
            lines(&text, size)
                .flat_map(split)
                .for_each(|word| words.add(word));
            let top = words.most_frequent(2);
            assert_eq!(
                top,
                [(&b"the"[..], 3), (&b"cat"[..], 2)],
                "chunks of {size}"
            );
            assert_eq!(words.entries().len(), 4);
        }
    }
}
