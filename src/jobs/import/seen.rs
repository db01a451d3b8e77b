//! Which accounts of a file were read already: exact, and small enough for millions.

use std::collections::HashMap;

/// Numbers share a group by all but their last 12 bits.
const LOW_BITS: u32 = 12;
const WORDS: usize = (1 << LOW_BITS) / 64;
/// A group with more numbers than this is cheaper as bits.
const FEW: usize = WORDS * 4;

/// A set of numbers: neighbours, as account numbers are, cost about a bit each, scattered ones a few bytes.
#[derive(Debug, Default)]
pub struct Seen(HashMap<i64, Group>);

#[derive(Debug)]
enum Group {
    /// Sorted.
    Few(Vec<u16>),
    Many(Box<[u64; WORDS]>),
}

impl Seen {
    /// Adds a number; `false`: it was there.
    pub fn add(&mut self, number: i64) -> bool {
        let low = u16::try_from(number & ((1 << LOW_BITS) - 1)).unwrap_or(0);
        self.0.entry(number >> LOW_BITS).or_insert_with(|| Group::Few(Vec::new())).add(low)
    }
}

impl Group {
    fn add(&mut self, low: u16) -> bool {
        match self {
            Group::Few(few) => {
                let Err(at) = few.binary_search(&low) else { return false };
                few.insert(at, low);
                if few.len() > FEW {
                    let mut bits = Box::new([0; WORDS]);
                    few.iter().for_each(|low| bits[usize::from(*low) / 64] |= 1 << (low % 64));
                    *self = Group::Many(bits);
                }
                true
            }
            Group::Many(bits) => {
                let (word, bit) = (&mut bits[usize::from(low) / 64], 1 << (low % 64));
                let new = *word & bit == 0;
                *word |= bit;
                new
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn it_is_a_set() {
        let (mut seen, mut set) = (Seen::default(), HashSet::new());
        // Full groups, sparse ones, and every number twice: 7,919 and 10,007 are prime.
        for step in 0..40_000_i64 {
            let number = if step % 2 == 0 { step * 7_919 % 10_007 } else { step * 7_919_000_003 % 100_000_007 };
            assert_eq!(seen.add(number), set.insert(number), "{number}");
        }
        assert!(seen.0.values().any(|group| matches!(group, Group::Many(_))));
    }
}
