//! Debits of a text file written as a pain.008: what the standard asks for is named where it is missing, all at once.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use chrono::NaiveDate;
use yichong_core::formats::records::{DebitRow, FileFacts, Totals};
use yichong_core::formats::{Format, Meaning as M, Writer};
use yichong_core::model::card::CardNo;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::model::person::IdType;

use super::plan::{Plan, Values, made, value};
use super::{Conversion, Found};
use crate::jobs::JobError;

/// What a transaction is made from; the key beside them is `debit_no` or `bank_ref`, as the format says.
const NEEDED: [M; 6] = [M::Card, M::PayerName, M::Amount, M::Account, M::Agreement, M::SignedOn];

impl Conversion<'_> {
    /// What is carried and what is given up; or everything that keeps the records out of the document.
    pub(super) fn plan_document(&self, present: &BTreeSet<M>, leave_out: &[String]) -> Result<Plan, JobError> {
        let (mut plan, mut wrong) = (Plan::default(), Vec::new());
        let key = key(self.to);
        let has = |means: M| present.contains(&means) || (means == M::Amount && present.contains(&M::Asked));
        for means in NEEDED.into_iter().chain([key]).filter(|means| !has(*means)) {
            wrong.push(format!("a transaction needs `{}`, which no row has", means.word()));
        }
        let takes = |means: M| NEEDED.contains(&means) || means == key || means == M::Asked;
        for means in present.iter().copied().filter(|means| !made(*means)) {
            let word = means.word();
            match () {
                () if takes(means) => plan.carried.push(word),
                () if leave_out.iter().any(|left| left == word) => plan.left_out.push(word),
                () => wrong.push(format!("`{word}` has no field there (--leave-out {word} gives it up)")),
            }
        }
        for (param, default) in self.to.params() {
            if default.is_none() && !self.params.contains_key(param) {
                wrong.push(format!("the message needs --param {param}=…"));
            }
        }
        if self.date.is_none() {
            wrong.push("it is collected on a date; say --file-date".to_owned());
        }
        match wrong.is_empty() {
            true => Ok(plan),
            false => {
                let said = format!("the records do not fit into {}: {}", self.to.name(), wrong.join("; "));
                Err(JobError::input(said))
            }
        }
    }

    /// Writes the document: once for the sums of its groups, once for its bytes.
    pub(super) fn write_document(&self, found: &Found, part: &Path) -> Result<(), JobError> {
        let date = self.date.ok_or_else(|| JobError::input("it is collected on a date; say --file-date"))?;
        let facts = FileFacts {
            params: self.params.clone(),
            business_date: date,
            file_date: date,
            seq: 1,
            calendar: None,
            made_at: date.and_time(chrono::NaiveTime::MIN),
        };
        let said = |e: yichong_core::formats::records::FileError| JobError::input(e.to_string());
        let mut groups: Vec<Totals> = Vec::new();
        let mut trial = Writer::new(self.to, &facts).map_err(said)?;
        let mut bytes = Vec::new();
        self.each(|number, values| {
            let row = debit(self.to, number, &values)?;
            let group = trial.group_of(&row);
            groups.resize(groups.len().max(group + 1), Totals::default());
            let sum = groups[group].sum.plus(row.amount)?;
            groups[group] = Totals { count: groups[group].count + 1, sum };
            bytes.clear();
            trial.row(&row, &mut bytes).map_err(said)
        })?;
        let wrong = |e: std::io::Error| JobError::input(format!("{}: {e}", part.display()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map_err(wrong)?;
        let mut file = BufWriter::new(file);
        let mut writer = Writer::new(self.to, &facts).map_err(said)?;
        bytes.clear();
        writer.head(found.rows, &mut bytes).map_err(said)?;
        let mut open = None;
        self.each(|number, values| {
            // No row says that it is an agreement's first: groups follow one another.
            let row = debit(self.to, number, &values)?;
            let group = writer.group_of(&row);
            let mut text = Vec::new();
            writer.row(&row, &mut text).map_err(said)?;
            if open != Some(group) {
                writer.group(group, groups[group], &mut bytes).map_err(said)?;
                open = Some(group);
            }
            bytes.append(&mut text);
            file.write_all(&bytes).map_err(wrong)?;
            bytes.clear();
            Ok(())
        })?;
        writer.tail(found.rows, &mut bytes).map_err(said)?;
        file.write_all(&bytes).map_err(wrong)?;
        file.into_inner().map_err(|e| wrong(e.into_error()))?.sync_all().map_err(wrong)
    }
}

/// What travels as the end-to-end id.
fn key(to: &Format) -> M {
    if to.uses_bank_ref().is_some() { M::BankRef } else { M::DebitNo }
}

/// A row as the standard's writer takes it.
fn debit(to: &Format, number: u64, values: &Values) -> Result<DebitRow, JobError> {
    let text = |means: M| value(values, means).unwrap_or_default();
    let bad = |means: M| {
        JobError::input(format!("row {number}: the value of `{}` cannot be written into {}", means.word(), to.name()))
    };
    let short = key(to) == M::BankRef;
    // With short keys our own number is not written.
    let own = if short { text(M::BankRef) } else { text(M::DebitNo) };
    Ok(DebitRow {
        line: u32::try_from(number).unwrap_or(u32::MAX),
        debit_no: own.parse().map_err(|_| bad(M::DebitNo))?,
        bank_ref: if short { text(M::BankRef).to_owned() } else { String::new() },
        account: text(M::Account).parse().ok().and_then(|no| AccountNo::new(no).ok()).ok_or_else(|| bad(M::Account))?,
        payer_name: text(M::PayerName).to_owned(),
        card: CardNo::parse(text(M::Card)).map_err(|_| bad(M::Card))?,
        id_type: IdType::Resident,
        id_number: String::new(),
        mobile: String::new(),
        amount: Fen::parse_yuan(text(M::Amount)).map_err(|_| bad(M::Amount))?,
        agreement: text(M::Agreement).to_owned(),
        signed_on: NaiveDate::parse_from_str(text(M::SignedOn), "%Y-%m-%d").map_err(|_| bad(M::SignedOn))?,
        first: false,
        replaced: None,
    })
}
