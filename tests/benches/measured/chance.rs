//! Chance that is the same on every run.

/// Xorshift: no more than a source of unlike rows.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn of(&mut self, words: &[&'static str]) -> &'static str {
        let place = self.below(words.len() as u64);
        words[usize::try_from(place).expect("it is below a length")]
    }
}
