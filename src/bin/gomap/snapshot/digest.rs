//! Words folded to 64 bits.

/// A digest in progress, and how many words it contains.
#[derive(Debug, Clone, Copy, Default)]
pub struct Digest {
    state: u64,
    count: u64,
}

impl Digest {
    pub fn value(&self) -> u64 {
        self.state
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn word(&mut self, word: u64) {
        self.state = fold(self.state, word);
        self.count += 1;
    }

    pub fn words(&mut self, words: &[u64]) {
        self.state = words
            .iter()
            .fold(self.state, |state, &word| fold(state, word));
        self.count += words.len() as u64;
    }

    /// Eight bytes a word, zero-filled.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }
}

fn fold(state: u64, word: u64) -> u64 {
    let product = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 32
}
