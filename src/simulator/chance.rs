//! Chance that can be repeated: a number that follows from (seed, words) and from nothing else.
//!
//! The order in which files or rows arrive never changes what happens to a row, so a test may split
//! a night, repeat it or reload it and meet the same bank.

/// A small generator (splitmix64), started from a seed and some words.
pub struct Chance(u64);

impl Chance {
    /// The chance that belongs to these words under this seed.
    pub fn of(seed: u64, words: &[&str]) -> Chance {
        let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for word in words {
            for byte in word.bytes().chain([0x1f]) {
                state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        Chance(state)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..limit`; 0 where the limit is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.draw() % limit }
    }
}

/// The `count` places of `candidates` that chance ranks first, in rising order.
pub fn pick(seed: u64, word: &str, candidates: &[(usize, &str)], count: usize) -> Vec<usize> {
    let mut ranked: Vec<(u64, usize)> =
        candidates.iter().map(|(place, key)| (Chance::of(seed, &["pick", word, key]).draw(), *place)).collect();
    ranked.sort_unstable();
    let mut places: Vec<usize> = ranked.into_iter().take(count).map(|(_, place)| place).collect();
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_number() {
        assert_eq!(Chance::of(7, &["a", "b"]).draw(), Chance::of(7, &["a", "b"]).draw());
        assert_ne!(Chance::of(7, &["a", "b"]).draw(), Chance::of(8, &["a", "b"]).draw());
        assert_ne!(Chance::of(7, &["ab"]).draw(), Chance::of(7, &["a", "b"]).draw());
    }

    #[test]
    fn a_pick_does_not_depend_on_the_order_of_the_candidates() {
        let straight = [(0, "x"), (1, "y"), (2, "z"), (3, "w")];
        let turned = [(3, "w"), (2, "z"), (1, "y"), (0, "x")];
        assert_eq!(pick(1, "missing", &straight, 2), pick(1, "missing", &turned, 2));
        assert_eq!(pick(1, "missing", &straight, 9).len(), 4);
    }

    #[test]
    fn below_spreads_over_its_range() {
        let mut seen = [0_u32; 10];
        for n in 0..1000 {
            seen[usize::try_from(Chance::of(1, &[&n.to_string()]).below(10)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (60..150).contains(count)), "{seen:?}");
    }
}
