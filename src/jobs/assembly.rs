//! Debits in the file's order → the bytes of a bank's files. `plan` and the night both assemble here, so that they
//! agree.
//!
//! Rows stream into a body per group of a file; head and tail, which need the totals, are put around them at the end.
//! Bodies that outgrow memory lie in `data/work` (mode 0600) until the file is composed.

mod part;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use yichong_core::formats::records::{DebitRow as Row, FileError, FileFacts, Totals};
use yichong_core::formats::{Format, RowsPerCard, Writer};
use yichong_core::model::agreement::AgreementNo;
use yichong_core::model::calendar::Calendar;
use yichong_core::model::card::CardNo;
use yichong_core::model::money::Fen;
use yichong_core::model::person::IdType;
use yichong_core::rules::grouping::{CardKey, FileLimits, Grouping, Place};

use super::error::{JobError, Kind};
use super::payer::Payer;
use super::signature;
use crate::config::Bank;
use part::Body;
use yichong_gateways::clock::local;
use yichong_gateways::signing::OwnKey;
use yichong_gateways::vault::Vault;
use yichong_store::batches::batch_id;
use yichong_store::debits::planning::Filed;

pub use part::Part;

/// A body longer than this goes to disk.
const BODY_IN_MEMORY: usize = 256 * 1024;
/// SM2's signatures are not all of one length: so much longer than another's one may be, in hexadecimal.
const SIGNATURE_VARIES: u64 = 16;
/// A short key is (batch sequence × this + line): unique per bank and file date, and both are arithmetic.
pub const LINES_PER_BATCH: i64 = 1_000_000;

/// The files of one bank's night, while they grow.
#[derive(Debug)]
pub struct Assembly<'a> {
    vault: &'a Vault,
    bank: &'a Bank,
    format: &'a Format,
    facts: FileFacts,
    grouping: Grouping,
    new_since: DateTime<Utc>,
    folder: PathBuf,
    parts: Vec<Part<'a>>,
    /// The bank limits a file's bytes: a row's length must be known before its place.
    limits_bytes: bool,
    /// Our key, where the bank's documents are signed.
    signer: Option<Arc<OwnKey>>,
}

/// What a night's assembly is made from.
#[derive(Debug)]
pub struct Night<'a> {
    /// Opens payers.
    pub vault: &'a Vault,
    /// Whose files.
    pub bank: &'a Bank,
    /// Their format.
    pub format: &'a Format,
    /// Dates, and the first free sequence number as `seq`.
    pub facts: FileFacts,
    /// The scheduled instant.
    pub scheduled_at: DateTime<Utc>,
    /// Where bodies may lie.
    pub folder: &'a Path,
}

/// The facts of a bank's night before its files are numbered.
pub fn facts(
    bank: &Bank,
    date: chrono::NaiveDate,
    scheduled_at: DateTime<Utc>,
    seq: i64,
    calendar: Option<Calendar>,
) -> FileFacts {
    FileFacts {
        params: bank.params.clone(),
        business_date: date,
        file_date: date,
        seq: u32::try_from(seq).unwrap_or(u32::MAX),
        made_at: local(scheduled_at),
        calendar,
    }
}

impl<'a> Assembly<'a> {
    /// Begins; what an earlier, interrupted assembly left lying is removed.
    pub fn begin(night: Night<'a>) -> Result<Assembly<'a>, JobError> {
        let folder = night.folder.join(format!("{}-{}", night.bank.code, night.facts.business_date));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let most = Totals { count: 999_999, sum: Fen(9_999_999_999) };
        let probe = Writer::new(night.format, &night.facts)?;
        let mut edges = Vec::new();
        probe.head(most, &mut edges)?;
        probe.group(0, most, &mut edges)?;
        probe.tail(most, &mut edges)?;
        let signer = signature::own(night.bank, night.format)?.map(Arc::new);
        if let Some(key) = &signer {
            let mut signed = Vec::new();
            night.format.put_signature(&edges[..], &night.format.sign(&edges[..], key.begin())?, &mut signed)?;
            edges = signed;
        }
        let limits = night.format.limits();
        let edges = edges.len() as u64 + if signer.is_some() { SIGNATURE_VARIES } else { 0 };
        Ok(Assembly {
            grouping: Grouping::new(FileLimits {
                rows: limits.rows,
                bytes: limits.bytes.map(|bytes| bytes.saturating_sub(edges)),
                one_row_per_card: matches!(night.format.rows_per_card(), RowsPerCard::One),
            }),
            vault: night.vault,
            bank: night.bank,
            format: night.format,
            facts: night.facts,
            new_since: night.scheduled_at - chrono::Duration::days(30),
            folder,
            parts: Vec::new(),
            limits_bytes: limits.bytes.is_some(),
            signer,
        })
    }

    /// Adds the next debit. An inner error: this debit cannot be written in the bank's format; the others go on.
    pub fn add(&mut self, debit: &Filed, shared: Option<CardKey>) -> Result<Result<(i64, i64), FileError>, JobError> {
        let mut row = match self.row(debit)? {
            Ok(row) => row,
            Err(error) => return Ok(Err(error)),
        };
        let bytes = match self.length(&mut row)? {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(error)),
        };
        let place = self.grouping.place(shared, bytes);
        self.write(row, place, debit)
    }

    /// What the row adds to a file, where the bank limits a file's bytes: it decides the row's place, and does not
    /// depend on it. Where no limit asks for it, the row is not written twice.
    fn length(&self, row: &mut Row) -> Result<Result<u64, FileError>, JobError> {
        if !self.limits_bytes {
            return Ok(Ok(0));
        }
        let mut trial = Vec::with_capacity(256);
        let mut writer = match self.parts.last() {
            Some(part) => part.writer.clone(),
            None => Writer::new(self.format, &self.facts)?,
        };
        row.line = 1;
        self.key(row, i64::from(self.facts.seq))?;
        Ok(writer.row(row, &mut trial).map(|()| trial.len() as u64))
    }

    fn write(&mut self, mut row: Row, place: Place, debit: &Filed) -> Result<Result<(i64, i64), FileError>, JobError> {
        while self.parts.len() <= place.part {
            let part = self.part()?;
            self.parts.push(part);
        }
        let seq = self.parts[place.part].seq;
        row.line = place.line;
        self.key(&mut row, seq)?;
        let folder = &self.folder;
        let part = &mut self.parts[place.part];
        let group = part.writer.group_of(&row);
        while part.bodies.len() <= group {
            part.bodies.push(Body::default());
        }
        let body = &mut part.bodies[group];
        if let Err(error) = part.writer.row(&row, &mut body.bytes) {
            self.grouping.take_back(place);
            return Ok(Err(error));
        }
        body.totals = Totals { count: body.totals.count + 1, sum: body.totals.sum.plus(row.amount)? };
        part.totals = Totals { count: part.totals.count + 1, sum: part.totals.sum.plus(row.amount)? };
        part.largest = part.largest.max(row.amount);
        part.new += u64::from(debit.signed_at >= self.new_since);
        if body.bytes.len() > BODY_IN_MEMORY {
            body.spill(&folder.join(format!("{}-{group}.body", part.seq)))?;
        }
        Ok(Ok((part.batch_id, i64::from(place.line))))
    }

    fn part(&self) -> Result<Part<'a>, JobError> {
        let seq = i64::from(self.facts.seq) + i64::try_from(self.parts.len()).unwrap_or(i64::MAX);
        let refuse = |why: &str| {
            let (bank, date) = (&self.bank.code, self.facts.file_date);
            JobError::refused(format!("bank {bank}, {date}: batch number {seq} {why}; ask the bank for larger files"))
        };
        let short = self.format.uses_bank_ref().and_then(|key| key.width).is_some_and(|width| width <= 8);
        if seq > 9_999 {
            return Err(refuse("is above 9999"));
        } else if short && seq > 99 {
            return Err(refuse("does not fit into the format's short key"));
        }
        let facts = FileFacts { seq: u32::try_from(seq).unwrap_or(u32::MAX), ..self.facts.clone() };
        Ok(Part {
            seq,
            batch_id: batch_id(facts.file_date, self.bank.no, seq),
            file_name: self.format.file_name(&facts)?,
            totals: Totals::default(),
            largest: Fen::ZERO,
            new: 0,
            writer: Writer::new(self.format, &facts)?,
            bodies: Vec::new(),
            sealed: self.signer.clone().map(|key| (self.format, key, self.folder.join(format!("{seq}.signed")))),
        })
    }

    /// The row without its place.
    fn row(&self, debit: &Filed) -> Result<Result<Row, FileError>, JobError> {
        let payer = Payer::open(self.vault, debit.account, &debit.payer_sealed)?;
        let bad =
            |what: &str| JobError::new(Kind::Books, format!("debit {}: {what} does not read back", debit.debit_no));
        let replaced = match &debit.replaced_sealed {
            Some(sealed) => {
                let before = Payer::open(self.vault, debit.account, sealed)?;
                Some(CardNo::parse(&before.card).map_err(|_| bad("the card before"))?)
            }
            None => None,
        };
        Ok(Ok(Row {
            line: 0,
            debit_no: debit.debit_no(),
            bank_ref: String::new(),
            account: debit.account(),
            payer_name: debit.payer_name.clone(),
            card: CardNo::parse(&payer.card).map_err(|_| bad("the card"))?,
            id_type: IdType::parse(&debit.id_type).ok_or_else(|| bad("the ID type"))?,
            id_number: payer.id_number.to_string(),
            mobile: payer.mobile.to_string(),
            amount: Fen(debit.amount_fen),
            agreement: AgreementNo { account: debit.account(), number: debit.number }.to_string(),
            signed_on: local(debit.signed_at).date(),
            first: debit.first,
            replaced,
        }))
    }

    fn key(&self, row: &mut Row, seq: i64) -> Result<(), JobError> {
        if self.format.uses_bank_ref().is_some() {
            let line = i64::from(row.line);
            if line >= LINES_PER_BATCH {
                return Err(JobError::refused("a file with short keys has more than 999,999 lines".to_owned()));
            }
            row.bank_ref = (seq * LINES_PER_BATCH + line).to_string();
        }
        Ok(())
    }

    /// The files, in the order of their numbers.
    pub fn parts(&self) -> &[Part<'a>] {
        &self.parts
    }

    /// Removes what lies in `data/work`.
    pub fn clear(self) -> Result<(), JobError> {
        Ok(fs::remove_dir_all(&self.folder)?)
    }
}
