//! The same two documents by another library, `sepa`: a pain.008 written, a camt.053 read. It builds whole documents
//! in memory; ours pass through.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;

use sepa::{DirectDebitEntry, DirectDebitGroup, IsoDate, Pain008Builder, ParseLimits};
use yichong_core::formats::records::{DebitRow, FileFacts};
use yichong_core::formats::{Format, StatementReader, Writer};
use yichong_core::model::card::CardNo;

use super::sample::{facts, row};
use super::watch::{Taken, timed};
use super::{Outcome, documents, toml};

/// As many as one file of theirs is measured with by its authors, too.
const ROWS: u64 = 100_000;
const CREDITOR: &str = "DE89370400440532013000";
const DEBTOR: &str = "NL91ABNA0417164300";
const CREDITOR_ID: &str = "DE98ZZZ09999999999";

/// Measures both and prints a table of its own.
pub fn measure(folder: &Path) -> Outcome<()> {
    let path = folder.join("beside");
    let written = (timed(|| write(&path))?, timed(|| theirs_written(&path))?);
    documents::made(&documents::DOCUMENTS[2], ROWS, &path)?;
    std::fs::write(&path, std::fs::read_to_string(&path)?.replace("CNY", "EUR"))?;
    let read = (timed(|| read(&path))?, timed(|| theirs_read(&path))?);
    println!("{ROWS} debits and entries, beside `sepa`");
    println!("| what | ms | peak MiB | sepa ms | sepa peak MiB |\n|---|---:|---:|---:|---:|");
    for (what, (ours, theirs)) in [("pain.008 written", written), ("camt.053 read", read)] {
        let shown = |taken: Taken| format!("{} | {}", taken.cpu.as_millis(), taken.peak_kib >> 10);
        println!("| {what} | {} | {} |", shown(ours), shown(theirs));
    }
    Ok(())
}

/// A format of this repository for euros.
fn euros(name: &str, from: &str, to: &str) -> Outcome<Format> {
    Ok(Format::parse(name, &toml(name)?.replace(from, to))?)
}

fn write(path: &Path) -> Outcome<()> {
    let format = euros("iso-debit", "\"cnaps\"", "\"sepa\"")?;
    let plain = facts();
    let more = [
        ("creditor_name", "Utility"),
        ("creditor_account", CREDITOR),
        ("creditor_bank", "DEUTDEFF"),
        ("debtor_bank", ""),
        ("creditor_id", CREDITOR_ID),
    ];
    let mut params = plain.params.clone();
    params.extend(more.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let facts = FileFacts { params, ..plain };
    let card = CardNo::parse(DEBTOR)?;
    let mut writer = Writer::new(&format, &facts)?;
    let mut file = BufWriter::new(File::create(path)?);
    let mut bytes = Vec::new();
    for n in 0..ROWS {
        bytes.clear();
        let payer_name = "Synthetic Debtor".to_owned();
        writer.row(&DebitRow { payer_name, card: card.clone(), ..row(n) }, &mut bytes)?;
        file.write_all(&bytes)?;
    }
    Ok(file.flush()?)
}

fn theirs_written(path: &Path) -> Outcome<()> {
    let (creditor, debtor) = (sepa::validate_iban(CREDITOR)?, sepa::validate_iban(DEBTOR)?);
    let id = sepa::validate_creditor_id(CREDITOR_ID)?;
    let (signed, due) = (IsoDate::new(2026, 10, 1)?, IsoDate::new(2026, 11, 20)?);
    let mut group = DirectDebitGroup::new("Utility", &creditor, &id, due);
    for n in 0..ROWS {
        let (row, debtor) = (row(n), debtor.clone());
        let cents = row.amount.0;
        let key = row.debit_no.to_string();
        group = group.add_entry(DirectDebitEntry::new(row.agreement, signed, "Synthetic Debtor", debtor, cents, key));
    }
    let message = Pain008Builder::new("Utility", "BATCH").created_at("2026-11-20T12:00:00".parse()?).add_group(group);
    let mut file = BufWriter::new(File::create(path)?);
    message.write_to(&mut file)?;
    Ok(file.flush()?)
}

fn read(path: &Path) -> Outcome<()> {
    let format = euros("iso-camt053", "\"CNY\"", "\"EUR\"")?;
    let mut reader = StatementReader::open(&format, &facts().params, "s.xml", BufReader::new(File::open(path)?))?;
    while let Some(row) = reader.next_row()? {
        black_box(&row);
    }
    whole(reader.finish()?.count)
}

fn theirs_read(path: &Path) -> Outcome<()> {
    let most = usize::MAX >> 1;
    let limits = ParseLimits {
        input_bytes: most,
        nodes: most,
        total_text_bytes: most,
        total_attribute_bytes: most,
        ..ParseLimits::default()
    };
    let document = sepa::parse_camt053_with_limits(&std::fs::read_to_string(path)?, limits)?;
    let entries = document.statements.iter().map(|statement| statement.entries.len() as u64).sum();
    black_box(&document);
    whole(entries)
}

fn whole(count: u64) -> Outcome<()> {
    if count == ROWS { Ok(()) } else { Err(format!("{count} entries were read, there are {ROWS}").into()) }
}
