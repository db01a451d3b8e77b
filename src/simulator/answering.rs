//! The bank's night: it works on what it took, moves money on the cards, and writes its answers (回盘).

use std::io;

use chrono::{Days, NaiveDate};

use super::bank::Bank;
use super::deciding::decide;
use super::family::Family;
use super::outcome::{Money, Outcome, Shown, Then};
use super::scenario::Word;
use super::truth::{Debit, Delivery, Stage};

impl Bank {
    /// Works on every file not yet worked on, with this 清算日 (the next day for what comes after the cut), then
    /// delivers every answer that is due. Returns the names delivered.
    pub fn answer(&mut self, bank_date: NaiveDate) -> io::Result<Vec<String>> {
        let mut delivered = Vec::new();
        for number in 0..self.truth.files.len() {
            let before = self.truth.files[number].clone();
            let fresh = before.ran_on.is_none();
            if fresh {
                self.work(number, bank_date)?;
            }
            for place in 0..self.truth.files[number].answers.len() {
                let delivery = &self.truth.files[number].answers[place];
                let due = delivery.after.is_none_or(|day| self.released || bank_date > day);
                if !delivery.sent && due && !(fresh && delivery.next_call) {
                    delivered.extend(self.deliver(number, place)?);
                }
            }
            if self.truth.files[number] != before {
                self.truth.note_file(number)?;
            }
        }
        self.released = false;
        self.truth.save()?;
        Ok(delivered)
    }

    /// Lets the next answering deliver what is held, whatever the date.
    pub fn release_held(&mut self) {
        self.released = true;
    }

    /// Plans a faultless answer to a file once more; the next answering delivers it.
    pub fn answer_again(&mut self, file: &str) -> io::Result<()> {
        let numbers: Vec<usize> = self
            .truth
            .files
            .iter()
            .filter(|own| own.name == file && own.ran_on.is_some())
            .map(|own| own.number)
            .collect();
        for number in numbers {
            let copy = self.copy(number, Stage::Clean);
            let clean = Delivery { stage: Stage::Clean, after: None, next_call: false, copy, sent: false };
            self.truth.files[number].answers.push(clean);
            self.truth.note_file(number)?;
        }
        self.truth.save()
    }

    /// Which name an answer gets. A later answer replaces the first under its own name; the same answer delivered
    /// twice needs another, and so does every answer of a family whose requests share names between days.
    fn copy(&self, number: usize, stage: Stage) -> u32 {
        let shared = self.config.family == Family::City;
        if stage != Stage::Again && !shared {
            return 1;
        }
        let name = &self.truth.files[number].name;
        let same = self.truth.files.iter().filter(|file| file.name == *name);
        same.flat_map(|file| &file.answers).map(|answer| answer.copy).max().unwrap_or(0) + 1
    }

    /// Decides every row of a file, takes the money, and plans the answers.
    fn work(&mut self, number: usize, bank_date: NaiveDate) -> io::Result<()> {
        self.truth.files[number].ran_on = Some(bank_date);
        let own: Vec<usize> = self.truth.debits_of(number).collect();
        let refused = self.truth.files[number].refused;
        let keys: Vec<&str> = own.iter().map(|place| self.truth.debits[*place].key.as_str()).collect();
        let file = self.truth.files[number].name.clone();
        let outcomes = decide(self.config.seed, &self.config.scenario, self.config.family, &file, &keys);
        if !refused && !self.config.scenario.has(Word::Silent) {
            for (place, decided) in own.iter().zip(outcomes) {
                let outcome = self.overridden(&self.truth.debits[*place]).cloned().unwrap_or(decided);
                take(&mut self.truth.debits[*place], outcome, bank_date);
                self.truth.note_debit(*place)?;
            }
        }
        self.plan(number, &own, bank_date);
        Ok(())
    }

    fn plan(&mut self, number: usize, own: &[usize], bank_date: NaiveDate) {
        let script = &self.config.scenario;
        if script.has(Word::Silent) {
            return;
        }
        let held = script.has(Word::Late).then_some(bank_date);
        let outcomes: Vec<&Outcome> =
            own.iter().filter_map(|place| self.truth.debits[*place].outcome.as_ref()).collect();
        let reversed = outcomes.iter().any(|own| own.then == Then::ReversedSameDay);
        let changed = outcomes.iter().any(|own| own.then == Then::Flips || own.shown == Shown::NextDay);
        let refused = self.truth.files[number].refused;
        let mut stages = vec![(Stage::First, held, false)];
        if script.has(Word::DuplicateFile) && !refused {
            stages.push((Stage::Again, held, false));
        }
        if reversed && self.config.family.says_reversed() {
            stages.push((Stage::SameDay, held, true));
        }
        if changed {
            stages.push((Stage::NextDay, Some(bank_date), true));
        }
        for (stage, after, next_call) in stages {
            let copy = self.copy(number, stage);
            self.truth.files[number].answers.push(Delivery { stage, after, next_call, copy, sent: false });
        }
    }

    fn deliver(&mut self, number: usize, place: usize) -> io::Result<Vec<String>> {
        let Delivery { stage, copy, .. } = self.truth.files[number].answers[place].clone();
        let files = if self.truth.files[number].refused {
            self.config.family.write_refusal(&self.truth.files[number].name).into_iter().collect()
        } else {
            self.compose(number, stage, copy)?
        };
        for file in &files {
            let bytes = match &self.config.seal {
                Some(seal) => &seal.sign(&file.bytes).map_err(io::Error::other)?,
                None => &file.bytes,
            };
            self.exchange.deliver(&file.name, bytes)?;
        }
        self.truth.files[number].answers[place].sent = true;
        Ok(files.into_iter().map(|file| file.name).collect())
    }
}

/// Writes the outcome into the books.
fn take(debit: &mut Debit, outcome: Outcome, bank_date: NaiveDate) {
    let own_date = if outcome.after_cut { bank_date + Days::new(1) } else { bank_date };
    debit.bank_date = Some(own_date);
    debit.taken = outcome.taken(debit.asked);
    debit.settles_on = match outcome.money {
        _ if debit.taken <= 0 => None,
        Money::Never => None,
        Money::Late(days) => Some(own_date + Days::new(u64::from(days))),
        _ => Some(own_date),
    };
    if outcome.then == Then::ReversedSameDay && debit.taken > 0 {
        debit.reversed_on = Some(own_date);
    }
    debit.outcome = Some(outcome);
}
