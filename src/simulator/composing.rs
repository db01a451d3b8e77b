//! What an answer holds, row by row and stage by stage, and the faults a script puts into it.

use std::io;

use chrono::NaiveDate;

use super::bank::Bank;
use super::chance::{Chance, pick};
use super::family::{Answer, AnswerRow, Family, OutFile, Request, RequestRow};
use super::outcome::{Outcome, Reason, Shown, Then};
use super::scenario::Word;
use super::truth::{Debit, Stage};

impl Bank {
    /// The files of one answer, with the faults the script wants.
    pub(super) fn compose(&mut self, number: usize, stage: Stage, copy: u32) -> io::Result<Vec<OutFile>> {
        let request = self.request(number)?;
        let file = &self.truth.files[number];
        let ran_on = file.ran_on.unwrap_or(file.received_on);
        let faulty = matches!(stage, Stage::First | Stage::Again);
        let script = self.config.scenario.clone();
        let mut rows = Vec::new();
        for place in self.truth.debits_of(number) {
            let debit = &self.truth.debits[place];
            let Some(outcome) = debit.outcome.clone() else { continue };
            let row = answer_row(debit, &outcome, &request.rows[debit.row - 1], stage);
            let times = match outcome.shown {
                Shown::Never => u32::from(stage == Stage::Clean),
                Shown::NextDay => u32::from(matches!(stage, Stage::NextDay | Stage::Clean)),
                Shown::Twice if faulty => 2,
                Shown::Once | Shown::Twice => 1,
            };
            let kept_back = row.pending && says_no_pending(self.config.family);
            for _ in 0..if kept_back { 0 } else { times } {
                rows.push(row.clone());
                if self.truth.debits[place].answered.is_none() {
                    self.truth.debits[place].answered = Some(row.code.clone());
                    self.truth.note_debit(place)?;
                }
            }
        }
        let strangers = if faulty { script.number(Word::UnknownItem, 1).unwrap_or(0) } else { 0 };
        rows.extend((0..strangers as usize).filter_map(|nth| stranger(self.config.family, &request, nth, ran_on)));
        let totals_off = if faulty && script.has(Word::WrongTotals) { 100 } else { 0 };
        let answer = Answer { request: &request, rows, ran_on, totals_off, copy };
        let mut files = self.config.family.write(&answer);
        if faulty && script.has(Word::PartialSet) && files.len() > 1 {
            let places: Vec<(usize, &str)> = files.iter().map(|file| file.name.as_str()).enumerate().collect();
            for place in pick(self.config.seed, "partial-set", &places, 1) {
                files.remove(place);
            }
        }
        if faulty && script.has(Word::Corrupt) {
            files.iter_mut().for_each(|file| break_off(&mut file.bytes));
        }
        if faulty && script.has(Word::BadGbk) {
            files.iter_mut().for_each(|file| spoil(self.config.seed, &file.name, &mut file.bytes));
        }
        Ok(files)
    }
}

/// What one row says at one stage.
fn answer_row<'a>(debit: &Debit, outcome: &Outcome, row: &'a RequestRow, stage: Stage) -> AnswerRow<'a> {
    let later = !matches!(stage, Stage::First | Stage::Again);
    let reason = match outcome.then {
        Then::ReversedSameDay if later => Some(Reason::Reversed),
        Then::Flips if stage == Stage::NextDay && outcome.reason.is_none() => Some(Reason::Funds),
        Then::Flips if stage == Stage::NextDay => None,
        _ => outcome.reason,
    };
    let family = debit.family;
    let own_text = outcome.said.clone().filter(|_| reason == outcome.reason);
    let (code, message) = own_text.unwrap_or_else(|| {
        let (code, message) = family.says(reason);
        (code.to_owned(), message.to_owned())
    });
    let paid = reason.is_none();
    let taken = if !paid {
        0
    } else if family.says_taken() && debit.taken > 0 {
        debit.taken
    } else {
        debit.asked
    };
    let asked_off = if stage == Stage::Clean { 0 } else { outcome.asked_off };
    AnswerRow {
        row,
        key: debit.key.clone(),
        asked: debit.asked + asked_off,
        taken,
        code,
        message,
        paid,
        pending: reason == Some(Reason::Pending),
        bank_date: debit.bank_date.unwrap_or(debit.file_date),
        nth: debit.row,
    }
}

const fn says_no_pending(family: Family) -> bool {
    matches!(family, Family::Pipe | Family::City)
}

/// A paid row for an item we never sent, shaped after the first one we did.
fn stranger(family: Family, request: &Request, nth: usize, ran_on: NaiveDate) -> Option<AnswerRow<'_>> {
    let row = request.rows.first()?;
    let (code, message) = family.says(None);
    Some(AnswerRow {
        row,
        key: family.strange_key(nth),
        asked: row.asked,
        taken: row.asked,
        code: code.to_owned(),
        message: message.to_owned(),
        paid: true,
        pending: false,
        bank_date: ran_on,
        nth: request.rows.len() + nth + 1,
    })
}

/// Cuts a file off in the middle of a line.
fn break_off(bytes: &mut Vec<u8>) {
    let mut end = bytes.len() * 3 / 5;
    while end > 1 && (bytes[end - 1] == b'\n' || bytes[end] == b'\r' || bytes[end] == b'\n') {
        end -= 1;
    }
    bytes.truncate(end);
}

/// Puts a byte that is no character, in GBK or UTF-8, in the place of a letter.
fn spoil(seed: u64, name: &str, bytes: &mut [u8]) {
    let skip = usize::from(bytes.starts_with(&[0xef, 0xbb, 0xbf])) * 3;
    let places: Vec<usize> = (skip..bytes.len()).filter(|place| bytes[*place] >= 0x80).collect();
    let draw = Chance::of(seed, &["spoil", name]).below(places.len() as u64);
    let place = usize::try_from(draw).ok().and_then(|draw| places.get(draw).copied()).unwrap_or(bytes.len() / 2);
    if let Some(byte) = bytes.get_mut(place) {
        *byte = 0xff;
    }
}
