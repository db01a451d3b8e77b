//! The tags between the fields of an XML format, in the order of the format file, made once for all rows.
//!
//! Fields that follow each other share the elements they have in common: `INFO/TRX_CODE` and `INFO/VERSION` stand in
//! one `INFO`. An element that was closed is not opened again; a format whose order would need that is refused.

use super::tree::path;
use crate::charset::Charset;

/// One piece of a line.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Bytes that are always the same.
    Fixed(Vec<u8>),
    /// A field between its tags (or quotes); left out with them where it is empty and may be.
    Cell {
        field: usize,
        open: Vec<u8>,
        close: Vec<u8>,
        may_be_missing: bool,
    },
    /// An element begins that is taken back at its [`Piece::Shut`] if no field was written in it.
    Open(Vec<u8>),
    Shut(Vec<u8>),
}

/// The pieces before, of and behind the rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    pub head: Vec<Piece>,
    pub row: Vec<Piece>,
    pub tail: Vec<Piece>,
}

/// A field to be woven: its path and whether it may be missing.
pub(super) type Thread<'a> = (&'a str, bool);

fn charset_bytes(charset: Charset, text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    charset.encode(text, &mut bytes).map_err(|odd| format!("`{odd}` is not in {}", charset.word()))?;
    Ok(bytes)
}

/// Makes the pieces.
pub(super) struct Weaver<'a> {
    charset: Charset,
    open: Vec<&'a str>,
    closed: Vec<Vec<&'a str>>,
    /// The innermost start tag still lacks its `>`.
    unfinished: bool,
    pieces: Vec<Piece>,
}

impl<'a> Weaver<'a> {
    /// Begins with an element; `attributes` stand in its start tag as they are.
    pub(super) fn new(charset: Charset, element: &'a str, attributes: &str) -> Result<Weaver<'a>, String> {
        let mut weaver =
            Weaver { charset, open: Vec::new(), closed: Vec::new(), unfinished: false, pieces: Vec::new() };
        weaver.open(element)?;
        let bytes = charset_bytes(charset, attributes)?;
        weaver.fixed(&bytes);
        Ok(weaver)
    }

    /// Weaves a field in.
    pub(super) fn add(&mut self, field: usize, (name, may_be_missing): Thread<'a>) -> Result<(), String> {
        let (steps, attribute) = path(name)?;
        let target: Vec<&str> = self.open[..1].iter().copied().chain(steps).collect();
        let (open, close) = match attribute {
            Some(attribute) => {
                if self.open != target || !self.unfinished {
                    self.go(&target)?;
                }
                if !self.unfinished {
                    return Err(
                        "an attribute is written in its element's start tag: put it before what is inside".into()
                    );
                }
                (charset_bytes(self.charset, &format!(" {attribute}=\""))?, b"\"".to_vec())
            }
            None if self.open == target && self.unfinished => {
                self.finish();
                (Vec::new(), Vec::new())
            }
            None => {
                let (leaf, parents) = target.split_last().ok_or("it has no name")?;
                self.go(parents)?;
                self.finish();
                self.begins(&target)?;
                self.closed.push(target.clone());
                let tag = |slash: &str| charset_bytes(self.charset, &format!("<{slash}{leaf}>"));
                (tag("")?, tag("/")?)
            }
        };
        self.pieces.push(Piece::Cell { field, open, close, may_be_missing });
        Ok(())
    }

    /// Goes to an element, closing and opening what lies between; the path begins with the first element.
    pub(super) fn go(&mut self, target: &[&'a str]) -> Result<(), String> {
        let common = self.open.iter().zip(target).take_while(|(a, b)| a == b).count();
        while self.open.len() > common {
            self.close()?;
        }
        for depth in common..target.len() {
            self.finish();
            self.begins(&target[..=depth])?;
            self.open(target[depth])?;
        }
        Ok(())
    }

    /// What was woven so far; what is open stays open.
    pub(super) fn take(&mut self) -> Vec<Piece> {
        self.finish();
        std::mem::take(&mut self.pieces)
    }

    /// Closes everything.
    pub(super) fn end(mut self) -> Result<Vec<Piece>, String> {
        while !self.open.is_empty() {
            self.close()?;
        }
        Ok(self.pieces)
    }

    fn begins(&self, path: &[&str]) -> Result<(), String> {
        if self.closed.iter().any(|closed| closed == path) {
            let name = path.last().copied().unwrap_or_default();
            return Err(format!("`{name}` was written before; put its fields together, in the document's order"));
        }
        Ok(())
    }

    fn open(&mut self, name: &'a str) -> Result<(), String> {
        let tag = charset_bytes(self.charset, &format!("<{name}"))?;
        self.pieces.push(Piece::Open(tag));
        self.open.push(name);
        self.unfinished = true;
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        self.finish();
        self.closed.push(self.open.clone());
        if let Some(name) = self.open.pop() {
            let tag = charset_bytes(self.charset, &format!("</{name}>"))?;
            self.pieces.push(Piece::Shut(tag));
        }
        Ok(())
    }

    fn finish(&mut self) {
        if std::mem::take(&mut self.unfinished) {
            self.fixed(b">");
        }
    }

    fn fixed(&mut self, bytes: &[u8]) {
        self.pieces.push(Piece::Fixed(bytes.to_vec()));
    }
}

/// Leaves only those elements to be taken back that hold fields which may all be missing, and joins what never changes.
pub(super) fn settle(pieces: Vec<Piece>) -> Vec<Piece> {
    // For each piece that opens or shuts: whether it stays one.
    let mut stays = vec![false; pieces.len()];
    let mut open: Vec<(usize, bool, bool)> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Open(_) => open.push((at, false, false)),
            Piece::Cell { may_be_missing, .. } => {
                for (_, fields, needed) in &mut open {
                    *fields = true;
                    *needed |= !may_be_missing;
                }
            }
            Piece::Shut(_) => {
                if let Some((from, true, false)) = open.pop() {
                    (stays[from], stays[at]) = (true, true);
                }
            }
            Piece::Fixed(_) => {}
        }
    }
    let mut settled: Vec<Piece> = Vec::new();
    for (piece, stays) in pieces.into_iter().zip(stays) {
        let bytes = match piece {
            Piece::Open(bytes) | Piece::Shut(bytes) | Piece::Fixed(bytes) if !stays => bytes,
            other => {
                settled.push(other);
                continue;
            }
        };
        match settled.last_mut() {
            Some(Piece::Fixed(before)) => before.extend(bytes),
            _ => settled.push(Piece::Fixed(bytes)),
        }
    }
    settled
}

/// Writes a line: `cell` appends the bytes of a field, and may append nothing.
pub(super) fn write<E>(
    pieces: &[Piece],
    out: &mut Vec<u8>,
    mut cell: impl FnMut(usize, &mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut written = 0;
    for piece in pieces {
        match piece {
            Piece::Fixed(bytes) => out.extend_from_slice(bytes),
            Piece::Open(bytes) => {
                open.push((out.len(), written));
                out.extend_from_slice(bytes);
            }
            Piece::Shut(bytes) => match open.pop() {
                Some((start, before)) if before == written => out.truncate(start),
                _ => out.extend_from_slice(bytes),
            },
            Piece::Cell { field, open, close, may_be_missing } => {
                let start = out.len();
                out.extend_from_slice(open);
                let text = out.len();
                cell(*field, out)?;
                if *may_be_missing && out.len() == text {
                    out.truncate(start);
                    continue;
                }
                out.extend_from_slice(close);
                written += 1;
            }
        }
    }
    Ok(())
}
