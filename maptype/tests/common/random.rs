//! Random numbers that repeat: those of the Go program `tests/go/hashes`.

/// A counter through a separate mixer, none of the hashes under test.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x6c62_272e_07bb_0142);
        let mut x = self.0;
        for _ in 0..3 {
            x = (x ^ x >> 29).wrapping_mul(0xd1b5_4a32_d192_ed03);
        }
        x ^ x >> 32
    }

    pub fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }
}
