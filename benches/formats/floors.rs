//! What cannot be undercut on this machine: the raw csv crate over the same rows.

use std::fs::File;
use std::hint::black_box;
use std::path::Path;

use yichong_core::formats::records::DebitRow;

use super::sample::row;

/// The csv crate writes the cells of every row.
pub fn write(cells: fn(&DebitRow) -> Vec<String>, rows: u64, path: &Path) -> super::Outcome<()> {
    let mut file = csv::WriterBuilder::new().delimiter(b'|').from_writer(File::create(path)?);
    for n in 0..rows {
        file.write_record(cells(&row(n)))?;
    }
    Ok(file.flush()?)
}

/// The csv crate reads every record of a file, as bytes.
pub fn read(path: &Path, separator: u8, rows: u64) -> super::Outcome<()> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(File::open(path)?);
    let mut record = csv::ByteRecord::new();
    let mut read = 0;
    while reader.read_byte_record(&mut record)? {
        black_box(record.get(0));
        read += 1;
    }
    if read < rows { Err(format!("the floor read {read} rows of {rows}").into()) } else { Ok(()) }
}
