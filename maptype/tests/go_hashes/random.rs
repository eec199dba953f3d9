//! The Go program's random numbers.

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

    /// A float with few fractional bits, so that it is the same however it is computed.
    pub fn float(&mut self) -> f64 {
        match self.next() % 4 {
            0 => 0.0,
            1 => -0.0,
            _ => f64::from(self.next() as i32 >> 8) / 16.0,
        }
    }
}
