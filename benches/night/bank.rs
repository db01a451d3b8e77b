//! The bank, played by the benchmark itself outside the measured time: reads our request files, answers nine rows of
//! ten with
//! money, and writes one statement with one lump per file. Its code shares nothing with the formats it feeds.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// What it did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Played {
    /// Files it answered.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// Rows it took money for.
    pub paid: u64,
    /// Rows refused for lack of money.
    pub refused: u64,
}

/// Every tenth row of a file is refused.
const REFUSED: u64 = 10;
/// "success", "balance insufficient" in GBK: the file goes out as bytes.
const PAID: &[u8] = b"|00|\xb3\xc9\xb9\xa6|202611202300";
const NO_FUNDS: &[u8] = b"|64|\xd3\xe0\xb6\xee\xb2\xbb\xd7\xe3||";

/// Answers every file at the door and pays for it.
pub fn play(out: &Path, into: &Path) -> Result<Played> {
    let mut played = Played::default();
    let mut names: Vec<String> =
        fs::read_dir(out)?.filter_map(|item| item.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| name.starts_with("DK") && name.ends_with("I.txt"));
    names.sort();
    ensure!(!names.is_empty(), "no request file lies at the bank's door {}", out.display());
    let statement = into.join("700000000000001-20261121.stmt.csv.tmp");
    let mut money = BufWriter::new(File::create(&statement)?);
    writeln!(money, "交易日期,清算日,流水号,收入,支出,手续费,参考号,摘要")?;
    for (number, name) in names.iter().enumerate() {
        let sum = answer(&out.join(name), into, name, &mut played)?;
        played.files += 1;
        writeln!(money, "2026-11-21,2026-11-20,S{number:06},{}.{:02},,,{name},代扣汇总", sum / 100, sum % 100)?;
    }
    money.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    Ok(played)
}

/// The statement arrives after the answers: shows it at the door.
pub fn deliver_statement(into: &Path) -> Result<()> {
    let name = into.join("700000000000001-20261121.stmt.csv");
    Ok(fs::rename(name.with_extension("csv.tmp"), name)?)
}

/// Answers one file; says what it paid, fen.
fn answer(request: &Path, into: &Path, name: &str, played: &mut Played) -> Result<u64> {
    let (mut rows, mut asked, mut paid, mut paid_sum) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut body = Vec::new();
    let mut lines = BufReader::new(File::open(request)?).split(b'\n').skip(2);
    while let Some(line) = lines.next().transpose()? {
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        // No character of the made-up names has a `|` as its second byte.
        let amount = line.split(|byte| *byte == b'|').nth(2).context("a row without an amount")?;
        let amount: u64 = std::str::from_utf8(amount)?.parse()?;
        (rows, asked) = (rows + 1, asked + amount);
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(line);
        if rows.is_multiple_of(REFUSED) {
            body.extend_from_slice(NO_FUNDS);
        } else {
            (paid, paid_sum) = (paid + 1, paid_sum + amount);
            body.extend_from_slice(PAID);
            write!(body, "{rows:010}|")?;
        }
        write!(body, "{:06}|1120230101|1120", rows % 1_000_000)?;
    }
    let answer = into.join(name.replace("I.txt", "O.txt"));
    let mut file = BufWriter::new(File::create(&answer)?);
    write!(file, "5.0.0|{asked}|{rows}|||{paid_sum}|{paid}||\r\n")?;
    write!(file, "orderId|currencyCode|txnAmt|accType|accNo|customerNm|bizType|certifTp|certifId|phoneNo|postscript|")?;
    write!(file, "reqReserved1|respCode|respMsg|queryId|sysTraNo|sysTm|settleDate")?;
    file.write_all(&body)?;
    file.flush()?;
    fs::remove_file(request)?;
    played.rows += rows;
    played.paid += paid;
    played.refused += rows - paid;
    Ok(paid_sum)
}
