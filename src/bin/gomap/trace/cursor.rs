//! A position in a line of a trace, and how its tokens are read.

use std::fmt;

/// An error in a trace, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Counted from 1.
    pub line: usize,
    /// In bytes, counted from 1.
    pub column: usize,
    /// What was expected there, or why the text is not valid.
    pub expected: String,
    /// What was found instead; empty if `expected` suffices.
    pub found: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.expected)?;
        if !self.found.is_empty() {
            write!(f, ", found {}", self.found)?;
        }
        Ok(())
    }
}

impl std::error::Error for Malformed {}

pub type Result<T> = std::result::Result<T, Malformed>;

/// Reads one line from left to right. All reading methods skip blanks first.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Cursor<'a> {
    /// The start of line number `line`.
    pub fn new(text: &'a [u8], line: usize) -> Cursor<'a> {
        Cursor { text, at: 0, line }
    }

    /// The rest of the line.
    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    pub fn skip_blanks(&mut self) {
        let blanks = self.rest().iter().take_while(|c| c.is_ascii_whitespace());
        self.at += blanks.count();
    }

    /// Whether nothing but a comment is left.
    pub fn at_end(&mut self) -> bool {
        self.skip_blanks();
        match self.rest() {
            [] | [b'#'] => true,
            [b'#', next, ..] => !next.is_ascii_digit(),
            _ => false,
        }
    }

    /// Skips `token` if it is next.
    pub fn skip(&mut self, token: &str) -> bool {
        self.skip_blanks();
        let there = self.rest().starts_with(token.as_bytes());
        if there {
            self.at += token.len();
        }
        there
    }

    pub fn expect(&mut self, token: &str) -> Result<()> {
        if self.skip(token) {
            Ok(())
        } else {
            Err(self.expected(&format!("expected `{token}`")))
        }
    }

    pub fn expect_end(&mut self) -> Result<()> {
        if self.at_end() {
            Ok(())
        } else {
            Err(self.expected("expected the end of the line"))
        }
    }

    /// Reads the bytes up to the first that does not belong.
    pub fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.rest().iter().take_while(|&&c| belongs(c)).count();
        let taken = &self.rest()[..length];
        self.at += length;
        taken
    }

    /// Letters and digits; may be empty.
    pub fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let word = self.take_while(|c| c.is_ascii_alphanumeric());
        std::str::from_utf8(word).expect("ASCII")
    }

    /// Reads the next byte; none at the end of the line.
    pub fn byte(&mut self) -> Option<u8> {
        let byte = self.rest().first().copied();
        self.at += usize::from(byte.is_some());
        byte
    }

    /// An unsigned number, decimal or hexadecimal after `0x`.
    pub fn number(&mut self) -> Result<u64> {
        self.skip_blanks();
        let start = *self;
        let radix = if self.skip("0x") { 16 } else { 10 };
        let digits = self.word();
        match u64::from_str_radix(digits, radix) {
            Ok(number) if !digits.starts_with('+') => Ok(number),
            _ => Err(start.expected("expected a number from 0 to 18446744073709551615")),
        }
    }

    /// An error at the next token.
    pub fn expected(mut self, expected: &str) -> Malformed {
        self.skip_blanks();
        let found = match self.rest() {
            [] => "the end of the line".to_string(),
            rest => {
                let text = String::from_utf8_lossy(&rest[..rest.len().min(40)]).into_owned();
                let word = text
                    .split_ascii_whitespace()
                    .next()
                    .unwrap_or("")
                    .to_string();
                format!("`{word}`")
            }
        };
        Malformed {
            line: self.line,
            column: self.at + 1,
            expected: expected.to_string(),
            found,
        }
    }

    /// An error about the token here, which is well-formed but not valid.
    pub fn refused(mut self, why: &str) -> Malformed {
        self.skip_blanks();
        Malformed {
            line: self.line,
            column: self.at + 1,
            expected: why.to_string(),
            found: String::new(),
        }
    }
}
