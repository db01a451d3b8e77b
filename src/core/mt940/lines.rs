//! Bytes → decoded lines with their numbers, in bounded memory: strict charset, LF or CRLF, no control characters.

use std::io::Read;

use super::broken;
use crate::charset::Charset;
use crate::formats::records::FileError;
use crate::formats::{Input, LIMIT};

/// A file being cut into lines.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: Input<R>,
    charset: Charset,
    /// Lines taken so far.
    pub number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: Input<R>, charset: Charset) -> Lines<R> {
        Lines { input, charset, number: 0 }
    }

    /// The next line without its end; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<String>, FileError> {
        let number = self.number + 1;
        let mut looked = 0;
        let (end, taken) = loop {
            let window = self.input.window();
            if let Some(found) = window[looked..].iter().position(|b| *b == b'\n') {
                break (looked + found, looked + found + 1);
            }
            looked = window.len();
            if looked > LIMIT {
                return Err(Input::<R>::too_long(number));
            }
            if self.input.ended() {
                break (looked, looked);
            }
            self.input.more(number)?;
        };
        if taken == 0 {
            return Ok(None);
        }
        let mut bytes = &self.input.window()[..end];
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.len() > LIMIT {
            return Err(Input::<R>::too_long(number));
        }
        let mut text = String::new();
        if let Err(at) = self.charset.decode(bytes, &mut text) {
            let shown: Vec<String> = bytes.iter().skip(at).take(4).map(|b| format!("{b:02X}")).collect();
            let problem = format!("the bytes {} are no character of {}", shown.join(" "), self.charset.word());
            let rule = "the file is in another charset or damaged; fetch it again or set `charset`";
            return Err(broken(number, column(bytes, at, self.charset), problem, rule));
        }
        if let Some((at, odd)) = text.chars().enumerate().find(|(_, c)| u32::from(*c) < 0x20 || *c == '\u{7F}') {
            let column = u32::try_from(at + 1).unwrap_or(u32::MAX);
            let problem = format!("it holds the control character 0x{:02X}", u32::from(odd));
            let rule = "lines hold no control characters; fetch the file again, or ask the bank";
            return Err(broken(number, column, problem, rule));
        }
        self.input.take(taken);
        self.number = number;
        Ok(Some(text))
    }
}

/// The character at a byte that is none, from 1; 0 if even what stands before it cannot be read.
fn column(bytes: &[u8], at: usize, charset: Charset) -> u32 {
    let mut before = String::new();
    match charset.decode(&bytes[..at.min(bytes.len())], &mut before) {
        Ok(()) => u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
        Err(_) => 0,
    }
}
