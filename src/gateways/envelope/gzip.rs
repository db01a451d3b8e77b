//! `gzip`, RFC 1952: no name and no time in it, so the same bytes are compressed to the same bytes.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{EnvelopeError, Layer};

/// Compresses.
pub fn seal(from: &mut dyn Read, to: &mut File) -> Result<(), EnvelopeError> {
    let mut out = GzEncoder::new(to, Compression::default());
    io::copy(from, &mut out)?;
    out.finish()?;
    Ok(())
}

/// Decompresses; several members in a row are one file, anything else after them is refused.
pub fn open(from: &File, to: &mut dyn Write) -> Result<(), EnvelopeError> {
    let mut inside = MultiGzDecoder::new(BufReader::new(from));
    io::copy(&mut inside, to).map_err(|e| EnvelopeError::wrong(Layer::Gzip, e))?;
    Ok(())
}
