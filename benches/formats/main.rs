//! How fast bank files are written and read:
//! `cargo bench -p yichong-core --bench formats [-- --rows N] [--family WORD]`.
//!
//! For every family a file of debits is written by the engine and the bank's answer to it is read back, one record in
//! memory at a time. Beside each stands the floor of the same run: the raw csv crate over the same rows as text (what
//! it takes over their bytes stands apart), or the bare
//! events of quick-xml over the same document. Times are
//! processor times of this process, so that what else the machine does does not count; peaks are resident memory.
//! The family `sepa` is another library beside ours.
#![allow(missing_docs)]

mod beside;
mod documents;
mod floors;
mod sample;
mod shapes;
mod watch;

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use yichong_core::formats::records::{AnswerRow, Totals};
use yichong_core::formats::{AnswerReader, Format, Kind, RecordWriter, Writer};

use self::sample::{amount, facts, row};
use self::shapes::{FAMILIES, Family};
use self::watch::{Lap, table, timed};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// As many rows as a large site sends in one night.
const ROWS: u64 = 1_000_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("formats: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |word: &str| arguments.iter().skip_while(|given| *given != word).nth(1);
    let rows = after("--rows").map_or(Ok(ROWS), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let mut laps = Vec::new();
    for family in FAMILIES.iter().filter(|family| after("--family").is_none_or(|word| word == family.name)) {
        eprintln!("{}", family.name);
        measure(family, rows, folder.path(), &mut laps)?;
    }
    if after("--family").is_none_or(|word| word == "xml") {
        documents::measure(rows, folder.path(), &mut laps)?;
    }
    println!("{rows} rows each\n{}", table(rows, &laps));
    if after("--family").is_none_or(|word| word == "sepa") {
        beside::measure(folder.path())?;
    }
    Ok(())
}

fn measure(family: &Family, rows: u64, folder: &Path, laps: &mut Vec<Lap>) -> Outcome<()> {
    let (debit, answer) = (load(family.debit)?, load(family.answer)?);
    let path = folder.join("request");
    let ours = timed(|| write(&debit, rows, &path))?;
    let floor = timed(|| floors::write(family.cells, rows, &folder.join("floor")))?;
    laps.push(Lap { what: format!("{} written", family.name), bytes: path.metadata()?.len(), ours, floor, bare: None });
    let path = folder.join("answer");
    answered(family, &answer, rows, &path)?;
    let ours = timed(|| read(&answer, rows, &path))?;
    // Fixed records have no separators: the floor reads the same cells with some.
    let floor = if family.separator.is_some() { path.clone() } else { folder.join("floor") };
    let separator = family.separator.unwrap_or(b'|');
    let bare = Some(timed(|| floors::bytes(&floor, separator, rows))?);
    let floor = timed(|| floors::texts(&floor, separator, family.gbk, rows))?;
    laps.push(Lap { what: format!("{} answer read", family.name), bytes: path.metadata()?.len(), ours, floor, bare });
    Ok(())
}

fn load(name: &str) -> Outcome<Format> {
    Ok(Format::parse(name, &toml(name)?)?)
}

/// The text of a format of this repository.
fn toml(name: &str) -> Outcome<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../formats").join(name).with_extension("toml");
    Ok(std::fs::read_to_string(path)?)
}

/// As the night does it: rows stream to the disk. (The body alone is written: what stands around it is one line.)
fn write(format: &Format, rows: u64, path: &Path) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut line = Vec::new();
    let facts = facts();
    let mut writer = Writer::new(format, &facts)?;
    let most = format.limits().rows.unwrap_or(u64::MAX);
    for n in 0..rows {
        if writer.written().0 == most {
            writer = Writer::new(format, &facts)?;
        }
        line.clear();
        writer.row(&row(n), &mut line)?;
        file.write_all(&line)?;
    }
    Ok(file.flush()?)
}

/// The bank's answer, nine of ten rows paid: made outside the measured time.
fn answered(family: &Family, format: &Format, rows: u64, path: &Path) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut writer = RecordWriter::new(format);
    let mut line = Vec::new();
    let paid = |n: &u64| !n.is_multiple_of(10);
    let totals = |list: &mut dyn Iterator<Item = u64>| {
        list.fold((0, 0), |(count, sum), n| (count + 1, sum + amount(n).0)) //
    };
    let (count, sum) = totals(&mut (0..rows));
    let (paid_count, paid_sum) = totals(&mut (0..rows).filter(paid));
    let edges = [count, sum, paid_count, paid_sum];
    let mut put = |kind: Kind, cells: Vec<(&'static str, String)>| -> Outcome<()> {
        let cells: Vec<(&str, &str)> = cells.iter().map(|(name, text)| (*name, text.as_str())).collect();
        line.clear();
        writer.section(kind, &cells, &mut line)?;
        Ok(file.write_all(&line)?)
    };
    for (kind, cells) in (family.before)(edges) {
        put(kind, cells)?;
    }
    for n in 0..rows {
        put(Kind::Row, (family.answer_row)(&row(n), paid(&n)))?;
    }
    for (kind, cells) in (family.behind)(edges) {
        put(kind, cells)?;
    }
    Ok(file.flush()?)
}

fn read(format: &Format, rows: u64, path: &Path) -> Outcome<()> {
    let facts = facts();
    let name = format.file_name(&facts)?;
    let mut reader = AnswerReader::open(format, &facts.params, &name, BufReader::new(File::open(path)?))?;
    let mut taken = 0_u64;
    let mut row = AnswerRow::default();
    while reader.next_into(&mut row)? {
        taken += u64::from(row.category.took_money());
    }
    let Totals { count, .. } = reader.finish()?.rows;
    let wanted = rows - rows.div_ceil(10);
    if (count, taken) != (rows, wanted) {
        return Err(format!("{count} rows were read, {taken} of them paid; there are {rows}, {wanted}").into());
    }
    Ok(())
}

/// A duration per row, for the table.
fn per_row(time: Duration, rows: u64) -> u128 {
    time.as_nanos() / u128::from(rows.max(1))
}
