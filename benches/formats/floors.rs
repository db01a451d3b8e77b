//! What cannot be undercut on this machine: the raw csv crate over the same rows, as bytes and, as any reader needs
//! them, as text.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Result};
use std::path::Path;

use encoding_rs::{Decoder, GBK};
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

fn reader<R: Read>(input: R, separator: u8) -> csv::Reader<R> {
    csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(input)
}

/// The csv crate reads every record of a file, as bytes of whatever charset.
pub fn bytes(path: &Path, separator: u8, rows: u64) -> super::Outcome<()> {
    let mut reader = reader(File::open(path)?, separator);
    let mut record = csv::ByteRecord::new();
    let mut read = 0;
    while reader.read_byte_record(&mut record)? {
        black_box(record.get(0));
        read += 1;
    }
    whole(read, rows)
}

/// The csv crate reads every record of a file, as text; GBK is decoded on the way.
pub fn texts(path: &Path, separator: u8, gbk: bool, rows: u64) -> super::Outcome<()> {
    let file = File::open(path)?;
    let input: Box<dyn Read> = if gbk { Box::new(Decoded::new(file)) } else { Box::new(file) };
    let mut reader = reader(input, separator);
    let mut record = csv::StringRecord::new();
    let mut read = 0;
    while reader.read_record(&mut record)? {
        black_box(record.get(0));
        read += 1;
    }
    whole(read, rows)
}

fn whole(read: u64, rows: u64) -> super::Outcome<()> {
    if read < rows { Err(format!("the floor read {read} rows of {rows}").into()) } else { Ok(()) }
}

/// GBK as UTF-8, block by block, with nothing checked.
struct Decoded {
    file: File,
    decoder: Decoder,
    raw: Vec<u8>,
    from: usize,
    to: usize,
}

impl Decoded {
    fn new(file: File) -> Decoded {
        Decoded { file, decoder: GBK.new_decoder_without_bom_handling(), raw: vec![0; 64 * 1024], from: 0, to: 0 }
    }
}

impl Read for Decoded {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        loop {
            if self.from == self.to {
                (self.from, self.to) = (0, self.file.read(&mut self.raw)?);
            }
            if self.to == 0 {
                return Ok(0);
            }
            let (_, read, written, _) = self.decoder.decode_to_utf8(&self.raw[self.from..self.to], out, false);
            self.from += read;
            if written > 0 {
                return Ok(written);
            }
        }
    }
}
