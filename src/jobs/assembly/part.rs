//! One file of a night: its rows in bodies, and the whole of it, signed where the bank wants that.

use std::fs::{File, OpenOptions};
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use yichong_core::formats::records::Totals;
use yichong_core::formats::{Format, Writer};
use yichong_core::model::money::Fen;

use crate::error::JobError;
use crate::signature;
use yichong_gateways::signing::OwnKey;

/// One file.
#[derive(Debug)]
pub struct Part<'a> {
    /// Batch sequence number.
    pub seq: i64,
    /// Batch number.
    pub batch_id: i64,
    /// Towards the bank.
    pub file_name: String,
    /// Count and sum.
    pub totals: Totals,
    /// The largest debit, fen.
    pub largest: Fen,
    /// Debits under agreements of the last 30 days.
    pub new: u64,
    pub(super) writer: Writer<'a>,
    /// One for each group; most formats have one group.
    pub(super) bodies: Vec<Body>,
    /// What signs it, and where it lies while it is read.
    pub(super) sealed: Option<(&'a Format, Arc<OwnKey>, PathBuf)>,
}

/// The rows of one group of a file.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) totals: Totals,
    pub(super) bytes: Vec<u8>,
    spilled: Option<PathBuf>,
}

impl Body {
    /// What is in memory goes to disk.
    pub(super) fn spill(&mut self, path: &Path) -> io::Result<()> {
        let path = self.spilled.get_or_insert_with(|| path.to_owned());
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&*path)?;
        file.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

impl Part<'_> {
    /// The whole file, signed where the bank wants it, from its first byte; may be asked for again.
    pub fn compose(&self) -> Result<Box<dyn Read + Send>, JobError> {
        match &self.sealed {
            Some((format, key, path)) => Ok(Box::new(signature::signed(format, key, || self.unsigned(), path)?)),
            None => self.unsigned(),
        }
    }

    fn unsigned(&self) -> Result<Box<dyn Read + Send>, JobError> {
        let mut between = Vec::new();
        self.writer.head(self.totals, &mut between)?;
        let mut whole: Box<dyn Read + Send> = Box::new(io::empty());
        for (group, body) in self.bodies.iter().enumerate().filter(|(_, body)| body.totals.count > 0) {
            self.writer.group(group, body.totals, &mut between)?;
            whole = Box::new(whole.chain(Cursor::new(std::mem::take(&mut between))));
            if let Some(path) = &body.spilled {
                whole = Box::new(whole.chain(File::open(path)?));
            }
            between.extend_from_slice(&body.bytes);
        }
        self.writer.tail(self.totals, &mut between)?;
        Ok(Box::new(whole.chain(Cursor::new(between))))
    }
}
