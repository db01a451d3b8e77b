//! From a script to the outcome of every row of a file. Depends on (seed, script, file, key) only.

use super::chance::{Chance, pick};
use super::family::Family;
use super::outcome::{Money, Outcome, Reason, Shown, Takes, Then};
use super::scenario::{Scenario, Word};

/// One yuan: how far the amounts are off that are meant to be off.
const OFF: i64 = 100;

/// The outcome of each row, in file order. A family that answers with a set of files loses a file of it, not rows.
pub fn decide(seed: u64, scenario: &Scenario, family: Family, file: &str, keys: &[&str]) -> Vec<Outcome> {
    let percent = u64::from(scenario.number(Word::Refusals, 0).unwrap_or(0));
    let mut outcomes: Vec<Outcome> = keys.iter().map(|key| base(seed, percent, key)).collect();
    let mut touched = vec![false; keys.len()];
    for (word, number) in scenario.words() {
        let Some(bend) = row_word(word, number).filter(|_| word != Word::PartialSet || family != Family::Ccb) else {
            continue;
        };
        let count = match word {
            Word::ReturnLate => 1,
            Word::PartialSet => keys.len().div_ceil(5),
            _ => number.unwrap_or(1) as usize,
        };
        let paid_only = !matches!(word, Word::MissingRows | Word::DuplicateRow | Word::PartialSet | Word::Row(_));
        let free: Vec<(usize, &str)> = keys
            .iter()
            .enumerate()
            .filter(|(place, _)| !(touched[*place] || paid_only && outcomes[*place].reason.is_some()))
            .map(|(place, key)| (place, *key))
            .collect();
        for place in pick(seed, &format!("{file}/{}", word.text()), &free, count) {
            touched[place] = true;
            outcomes[place] = bend(outcomes[place].clone());
        }
    }
    for_all(scenario, &mut outcomes);
    outcomes
}

fn base(seed: u64, percent: u64, key: &str) -> Outcome {
    let mut chance = Chance::of(seed, &["refusals", key]);
    if chance.below(100) >= percent {
        return Outcome::paid();
    }
    let reasons = Reason::REFUSALS;
    let place = usize::try_from(chance.below(reasons.len() as u64)).unwrap_or(0);
    Outcome::refused(reasons[place])
}

type Bend = Box<dyn Fn(Outcome) -> Outcome>;

/// How a word bends the rows it picks; nothing where it is no word about rows.
fn row_word(word: Word, number: Option<u32>) -> Option<Bend> {
    let bend: Bend = match word {
        Word::Row(reason) => Box::new(move |_| Outcome::refused(reason)),
        Word::MissingRows => Box::new(|own| own.shown(Shown::Never).taking(Takes::Nothing)),
        Word::MoneyWithoutAnswer | Word::PartialSet => Box::new(|own| own.shown(Shown::Never)),
        Word::AnswerNextDay => Box::new(|own| own.shown(Shown::NextDay)),
        Word::DuplicateRow => Box::new(|own| own.shown(Shown::Twice)),
        Word::WrongAmount => Box::new(|own| own.repeating_asked_off_by(OFF)),
        Word::TakenLess => Box::new(|own| own.taking(Takes::Shift(-OFF))),
        Word::TakenMore => Box::new(|own| own.taking(Takes::Shift(OFF))),
        Word::RefusedButTaken => Box::new(|_| Outcome::refused(Reason::Funds).taking(Takes::All)),
        Word::ContradictNextDay => Box::new(|own| own.then(Then::Flips)),
        Word::ReversalSameDay => Box::new(|own| own.then(Then::ReversedSameDay)),
        Word::ReturnNextDay => Box::new(|own| own.then(Then::Returned(1))),
        Word::ReturnLate => Box::new(move |own| own.then(Then::Returned(number.unwrap_or(1)))),
        Word::SettleShort => Box::new(|own| own.money(Money::Off(-OFF))),
        Word::SettleOver => Box::new(|own| own.money(Money::Off(OFF))),
        Word::SettleMissing => Box::new(|own| own.money(Money::Never)),
        Word::DuplicateSettlement => Box::new(|own| own.money(Money::Twice)),
        Word::DuplicateLine => Box::new(|own| own.money(Money::PrintedTwice)),
        _ => return None,
    };
    Some(bend)
}

/// Words about all rows.
fn for_all(scenario: &Scenario, outcomes: &mut [Outcome]) {
    if let Some(days) = scenario.number(Word::SettleLate, 1) {
        for own in outcomes.iter_mut().filter(|own| own.money == Money::OnTime) {
            own.money = Money::Late(days);
        }
    }
    if let Some(rows) = scenario.number(Word::DayCut, u32::MAX) {
        for own in outcomes.iter_mut().rev().take(rows as usize) {
            own.after_cut = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(script: &str, count: usize) -> Vec<Outcome> {
        let keys: Vec<String> = (0..count).map(|n| format!("key{n:05}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        decide(11, &script.parse().unwrap(), Family::Plain, "file", &keys)
    }

    #[test]
    fn refusals_are_about_so_many_and_for_every_reason() {
        let all = outcomes("refusals:25", 2000);
        let refused: Vec<Reason> = all.iter().filter_map(|own| own.reason).collect();
        assert!((430..570).contains(&refused.len()), "{}", refused.len());
        assert!(Reason::REFUSALS.iter().all(|reason| refused.contains(reason)));
        assert!(outcomes("refusals:0", 50).iter().all(|own| own.reason.is_none()));
        assert!(outcomes("refusals:100", 50).iter().all(|own| own.reason.is_some()));
    }

    #[test]
    fn words_about_rows_touch_different_rows() {
        let all = outcomes("missing-rows:2+taken-less:3+duplicate-row+funds:4", 10);
        assert_eq!(all.iter().filter(|own| own.shown == Shown::Never).count(), 2);
        assert_eq!(all.iter().filter(|own| own.takes == Takes::Shift(-100)).count(), 3);
        assert_eq!(all.iter().filter(|own| own.shown == Shown::Twice).count(), 1);
        assert_eq!(all.iter().filter(|own| own.reason == Some(Reason::Funds)).count(), 4);
    }

    #[test]
    fn a_key_fares_alike_wherever_it_stands() {
        let alone = decide(3, &"refusals:50".parse().unwrap(), Family::City, "f", &["b"]);
        let among = decide(3, &"refusals:50".parse().unwrap(), Family::City, "g", &["a", "b", "c"]);
        assert_eq!(alone[0], among[1]);
    }

    #[test]
    fn the_cut_of_the_day_is_in_the_middle_of_a_file() {
        let all = outcomes("day-cut:2", 5);
        assert_eq!(all.iter().map(|own| own.after_cut).collect::<Vec<_>>(), [false, false, false, true, true]);
        assert!(outcomes("day-cut", 5).iter().all(|own| own.after_cut));
    }
}
