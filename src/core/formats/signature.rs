//! A document's signature (签名): one element holds it in hexadecimal, and what is signed are the document's bytes
//! without that element. A file is written without one; signing adds it, in a second pass.
//!
//! Keys and algorithms are the caller's: see [`Signer`] and [`Verifier`].

use std::io::{self, ErrorKind, Read, Write};

use super::fault::Problem;
use super::format::{Format, Shape};
use super::records::FileError;

/// Takes a document's bytes and makes a signature.
pub trait Signer {
    /// The next bytes.
    fn update(&mut self, bytes: &[u8]);
    /// The signature over all of them, or why the key cannot make one.
    fn sign(self) -> Result<Vec<u8>, String>;
}

/// Takes a document's bytes and knows whether a signature is theirs.
pub trait Verifier {
    /// The next bytes.
    fn update(&mut self, bytes: &[u8]);
    /// Whether `signature` was made over all of them.
    fn verify(self, signature: &[u8]) -> bool;
}

/// The tags around a signature.
struct Tags {
    open: String,
    close: String,
    /// Before this it is put.
    before: String,
}

/// The longest signature that is read, in hexadecimal characters.
const LONGEST: usize = 8192;
const BLOCK: usize = 64 * 1024;
const UNREADABLE: &str = "it cannot be read or written";

impl Format {
    /// The element that holds the signature, as a path below the root; `None` if documents of this format have none.
    pub fn signature(&self) -> Option<&str> {
        match &self.style.shape {
            Shape::Xml(shape) => shape.signature.as_deref(),
            _ => None,
        }
    }

    /// Makes the signature of a document that has none, in hexadecimal.
    pub fn sign(&self, unsigned: impl Read, mut signer: impl Signer) -> Result<String, FileError> {
        self.tags()?;
        let mut blocks = Blocks::new(unsigned);
        blocks.until(None, |bytes| {
            signer.update(bytes);
            Ok(())
        })?;
        let signature = signer.sign().map_err(|why| {
            let problem = format!("it cannot be signed: {why}");
            Problem::new(problem, "look at the key with `yichong door check BANK`").at(0, 0, "the document")
        })?;
        Ok(signature.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Copies a document and puts its signature where the format wants it: last in its parent.
    pub fn put_signature(&self, unsigned: impl Read, hex: &str, out: &mut impl Write) -> Result<(), FileError> {
        let tags = self.tags()?;
        let mut blocks = Blocks::new(unsigned);
        if !blocks.until(Some(tags.before.as_bytes()), |bytes| out.write_all(bytes))? {
            let problem = format!("the document has no `{}`, before which its signature stands", tags.before);
            return Err(Problem::new(problem, "the format writes it; was the file changed?").at(0, 0, "the document"));
        }
        let element = format!("{}{hex}{}{}", tags.open, tags.close, tags.before);
        out.write_all(element.as_bytes()).map_err(unreadable)?;
        blocks.until(None, |bytes| out.write_all(bytes)).map(|_| ())
    }

    /// Refuses a document whose signature is missing, is not its own, or stands twice.
    pub fn check_signature(&self, signed: impl Read, mut verifier: impl Verifier) -> Result<(), FileError> {
        let tags = self.tags()?;
        let path = self.signature().unwrap_or_default();
        let wrong = |problem: &str| {
            let rule =
                "the bank signs what it sends; fetch the file again, and ask the bank before anything is believed";
            Err(Problem::new(problem, rule).at(0, 0, path))
        };
        let mut blocks = Blocks::new(signed);
        let mut feed = |bytes: &[u8]| {
            verifier.update(bytes);
            Ok(())
        };
        if !blocks.until(Some(tags.open.as_bytes()), &mut feed)? {
            return wrong("the document is not signed");
        }
        let mut hex = Vec::new();
        let closed = blocks.until(Some(tags.close.as_bytes()), |bytes| {
            hex.extend_from_slice(bytes);
            if hex.len() > LONGEST { Err(io::Error::other("the signature is too long")) } else { Ok(()) }
        })?;
        if blocks.until(Some(tags.open.as_bytes()), &mut feed)? {
            return wrong("the signature stands twice");
        }
        match bytes_of(hex.trim_ascii()).filter(|_| closed) {
            Some(signature) if verifier.verify(&signature) => Ok(()),
            Some(_) => wrong("the signature is not this document's"),
            None => wrong("the signature is no hexadecimal number"),
        }
    }

    fn tags(&self) -> Result<Tags, FileError> {
        let Shape::Xml(shape) = &self.style.shape else { return Err(unsigned(self)) };
        let Some(path) = &shape.signature else { return Err(unsigned(self)) };
        let mut steps: Vec<&str> = path.split('/').collect();
        let name = steps.pop().unwrap_or_default();
        let parent = steps.pop().unwrap_or(&shape.tree.nodes[0].name);
        Ok(Tags { open: format!("<{name}>"), close: format!("</{name}>"), before: format!("</{parent}>") })
    }
}

fn unsigned(format: &Format) -> FileError {
    let problem = format!("documents of format {} are not signed", format.name);
    Problem::new(problem, "write `signature` in [xml] of the format").at(0, 0, "the format")
}

fn unreadable(error: io::Error) -> FileError {
    Problem::new(format!("{UNREADABLE}: {error}"), "fetch or write the file again").at(0, 0, "the document")
}

fn bytes_of(hex: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16);
    let pairs = hex.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

/// A file in blocks, searched for a tag. The tag is ASCII: in every charset that is read its bytes are its own.
struct Blocks<R> {
    reader: R,
    buffer: Vec<u8>,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    fn new(reader: R) -> Blocks<R> {
        Blocks { reader, buffer: Vec::new(), ended: false }
    }

    /// Hands everything before `tag` to `sink` and passes over the tag; false if the file ended before one came.
    fn until(&mut self, tag: Option<&[u8]>, mut sink: impl FnMut(&[u8]) -> io::Result<()>) -> Result<bool, FileError> {
        loop {
            let found = tag.and_then(|tag| self.buffer.windows(tag.len()).position(|part| part == tag));
            if let (Some(at), Some(tag)) = (found, tag) {
                sink(&self.buffer[..at]).map_err(unreadable)?;
                self.buffer.drain(..at + tag.len());
                return Ok(true);
            }
            // The end of the window may be the beginning of the tag.
            let kept = tag.map_or(0, |tag| (tag.len() - 1).min(self.buffer.len()));
            let kept = if self.ended { 0 } else { kept };
            let sure = self.buffer.len() - kept;
            sink(&self.buffer[..sure]).map_err(unreadable)?;
            self.buffer.drain(..sure);
            if self.ended {
                return Ok(false);
            }
            self.more()?;
        }
    }

    fn more(&mut self) -> Result<(), FileError> {
        let old = self.buffer.len();
        self.buffer.resize(old + BLOCK, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer[old..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other.map_err(unreadable)?,
            }
        };
        self.buffer.truncate(old + read);
        self.ended = read == 0;
        Ok(())
    }
}
