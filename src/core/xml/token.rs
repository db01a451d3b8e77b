//! What stands next in a document: which piece of markup or text, and how long it is. Nothing of it is read yet.

use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::parser::{ElementParser, Parser as _};

use super::error::Wrong;

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `<a k="v">`
    Start,
    /// `<a/>`
    Empty,
    /// `</a>`
    End,
    /// Up to the next markup or reference.
    Text,
    /// `<![CDATA[…]]>`
    CData,
    /// `&amp;`
    Reference,
    /// `<?xml …?>`
    Declaration,
    /// A comment or an instruction for other programs.
    Aside,
    /// `<!DOCTYPE`: what follows it is not looked at.
    DocType,
}

const COMMENT: &str = "<!--";
const CDATA: &str = "<![CDATA[";
const DOCTYPE: &str = "<!DOCTYPE";

/// The first piece of `window` and its length in bytes; `None` where it goes on behind the window.
#[inline]
pub(super) fn first(window: &str) -> Result<Option<(Token, usize)>, Wrong> {
    let bytes = window.as_bytes();
    match (bytes.first(), bytes.get(1)) {
        (Some(b'<'), Some(b'!')) => bang(window),
        // `<?>` would be its own end.
        (Some(b'<'), Some(b'?')) if bytes.get(2) == Some(&b'>') => {
            Err(Wrong::of_parser(&SyntaxError::UnclosedTag.into()))
        }
        (Some(b'<'), Some(b'?')) => Ok(memchr::memmem::find(&bytes[2..], b"?>").map(|at| instruction(window, at + 4))),
        (Some(b'<'), Some(second)) => {
            let plain = bytes.iter().position(|b| matches!(b, b'>' | b'"' | b'\''));
            let end = match plain {
                Some(end) if bytes[end] == b'>' => Some(end),
                // A `>` inside quotes ends nothing.
                Some(quote) => ElementParser::Outside.feed(&bytes[quote..]).map(|at| quote + at),
                None => None,
            };
            let Some(end) = end else { return Ok(None) };
            let token = match second {
                b'/' => Token::End,
                _ if bytes[end - 1] == b'/' => Token::Empty,
                _ => Token::Start,
            };
            Ok(Some((token, end + 1)))
        }
        (Some(b'&'), _) => match memchr::memchr3(b';', b'&', b'<', &bytes[1..]) {
            Some(at) if bytes[at + 1] == b';' => Ok(Some((Token::Reference, at + 2))),
            Some(_) => Err(Wrong::of_parser(&IllFormedError::UnclosedReference.into())),
            None => Ok(None),
        },
        (Some(b'<') | None, _) => Ok(None),
        (Some(_), _) => Ok(memchr::memchr2(b'<', b'&', bytes).map(|at| (Token::Text, at))),
    }
}

/// The last piece of a document, which nothing ends.
pub(super) fn last(window: &str) -> Result<(Token, usize), Wrong> {
    match window.as_bytes().first() {
        Some(b'<') => Err(Wrong::of_parser(&SyntaxError::UnclosedTag.into())),
        Some(b'&') => Err(Wrong::of_parser(&IllFormedError::UnclosedReference.into())),
        _ => Ok((Token::Text, window.len())),
    }
}

fn instruction(window: &str, length: usize) -> (Token, usize) {
    let named = window[2..length - 2].strip_prefix("xml");
    let declaration = named.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']));
    (if declaration { Token::Declaration } else { Token::Aside }, length)
}

/// What begins with `<!`.
fn bang(window: &str) -> Result<Option<(Token, usize)>, Wrong> {
    let bytes = window.as_bytes();
    let begins = |mark: &str| bytes.iter().zip(mark.as_bytes()).all(|(b, m)| b.eq_ignore_ascii_case(m));
    if begins(COMMENT) {
        let Some(text) = window.get(COMMENT.len()..) else { return Ok(None) };
        let Some(end) = memchr::memmem::find(text.as_bytes(), b"-->") else { return Ok(None) };
        if text[..end].contains("--") || text[..end].ends_with('-') {
            return Err(Wrong::of_parser(&IllFormedError::DoubleHyphenInComment.into()));
        }
        return Ok(Some((Token::Aside, COMMENT.len() + end + 3)));
    }
    if window.starts_with(CDATA) {
        let end = memchr::memmem::find(&bytes[CDATA.len()..], b"]]>");
        return Ok(end.map(|at| (Token::CData, CDATA.len() + at + 3)));
    }
    if CDATA.starts_with(window) {
        return Ok(None);
    }
    match (begins(DOCTYPE), bytes.get(2)) {
        (true, _) if bytes.len() >= DOCTYPE.len() => Ok(Some((Token::DocType, DOCTYPE.len()))),
        (true, _) => Ok(None),
        // The beginning of one of these three, and then something else.
        (false, Some(b'-' | b'[' | b'D' | b'd')) => Err(Wrong::of_parser(&SyntaxError::UnclosedTag.into())),
        (false, _) => Err(Wrong::of_parser(&SyntaxError::InvalidBangMarkup.into())),
    }
}
