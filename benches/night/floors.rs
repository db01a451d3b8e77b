//! What cannot be undercut on this machine: the raw libraries under import, file and returns, on as many rows.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::campus::{Household, agreements};
use super::measure::timed;

/// Rows that are made once and used again and again, so that making them is not measured.
const SAMPLE: u64 = 10_000;

/// The floors of so many rows.
#[derive(Clone, Copy, Debug)]
pub struct Floors {
    /// The csv crate alone over an agreements file.
    pub csv: Duration,
    /// XChaCha20-Poly1305 alone, sealing payers.
    pub seal: Duration,
    /// The same, opening them.
    pub open: Duration,
    /// `write!` alone, lines as long as the bank's.
    pub lines: Duration,
    /// The csv crate alone over lines as long as the bank's answer.
    pub answer: Duration,
}

/// Measures them for `rows` rows.
pub fn measure(rows: u64) -> Result<Floors> {
    let times = rows / SAMPLE + u64::from(!rows.is_multiple_of(SAMPLE));
    let scale =
        |time: Duration| time * u32::try_from(rows).unwrap_or(u32::MAX) / u32::try_from(times * SAMPLE).unwrap_or(1);
    let mut list = Vec::new();
    agreements(SAMPLE, &mut list)?;
    let mut request = String::new();
    write_lines(&mut request)?;
    let answered = request.replace("\r\n", "|00|success|2026112023000000000001|000001|1120230101|1120\r\n");
    let (payers, cipher, nonce) = (payers(), XChaCha20Poly1305::new(&[7_u8; 32].into()), XNonce::from([9_u8; 24]));
    let seal = |text: &String| cipher.encrypt(&nonce, Payload { msg: text.as_bytes(), aad: b"payer|12345678" });
    let Ok(sealed) = payers.iter().map(seal).collect::<Result<Vec<_>, _>>() else { bail!("sealing failed") };
    let open = |bytes: &Vec<u8>| cipher.decrypt(&nonce, Payload { msg: bytes, aad: b"payer|12345678" }).is_ok();
    let repeat = |work: &mut dyn FnMut() -> Result<()>| timed(|| (0..times).try_for_each(|_| work()));
    let mut page = String::with_capacity(request.len());
    Ok(Floors {
        csv: scale(repeat(&mut || read(&list, b','))?.1),
        seal: scale(repeat(&mut || each(&payers, |text| seal(text).is_ok()))?.1),
        open: scale(repeat(&mut || each(&sealed, open))?.1),
        lines: scale(
            repeat(&mut || {
                page.clear();
                write_lines(&mut page)
            })?
            .1,
        ),
        answer: scale(repeat(&mut || read(answered.as_bytes(), b'|'))?.1),
    })
}

/// Does the same with each item; one that fails is an error, so that nothing is timed that did not happen.
fn each<T>(items: &[T], work: impl Fn(&T) -> bool) -> Result<()> {
    anyhow::ensure!(items.iter().all(|item| black_box(work(item))), "one of the sample's items failed");
    Ok(())
}

fn payers() -> Vec<String> {
    let payer = |one: Household| format!("{}\n{}\n{}", one.card(), one.id_number(), one.mobile());
    (0..SAMPLE).map(Household).map(payer).collect()
}

fn read(text: &[u8], separator: u8) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text);
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        black_box(record.get(5).context("a row of the sample is short")?);
    }
    Ok(())
}

/// Lines as the bank gets them, from values that are there already.
fn write_lines(out: &mut String) -> Result<()> {
    let (name, id, card, mobile) = ("zhangjianguo", "320311196001011234", "6226091000000001", "13800000001");
    for n in 0..SAMPLE {
        let number = 98_205_160_000_000_010 + n * 10;
        write!(out, "{number}|156|10000|01|{card}|{name}||01|{id}|{mobile}|fee|{:012}-1\r\n", 51_600_000_001 + n)?;
    }
    Ok(())
}
