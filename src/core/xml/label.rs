//! Which charset a document is in: its byte order mark, its declaration, and what a format says about it.

use super::error::{Wrong, show};
use crate::charset::Charset;

/// What decides a document's charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The document: its byte order mark or declaration, else UTF-8.
    Declared,
    /// This one; a document that says another is refused.
    Insist(Charset),
    /// This one, whatever the document says: for banks whose declaration is wrong.
    Override(Charset),
}

/// How far a declaration may reach.
const DECLARATION: usize = 512;
const ASK: &str = "ask the bank for another charset, or for the right declaration";

/// What the beginning of a document says: its charset, and the bytes of its byte order mark.
pub(super) fn detect(start: &[u8], encoding: Encoding) -> Result<(Charset, usize), Wrong> {
    if matches!(start, [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] | [b'<', 0, ..]) {
        return Err(Wrong::new("it is in UTF-16", ASK));
    }
    let mark = if start.starts_with(&[0xEF, 0xBB, 0xBF]) { 3 } else { 0 };
    if let Encoding::Override(charset) = encoding {
        return Ok((charset, if charset == Charset::Utf8 { mark } else { 0 }));
    }
    let declared = match label(&start[mark..]) {
        None => None,
        Some(label) => Some(charset_of(label).ok_or_else(|| {
            let accepted = "UTF-8, GBK, GB2312, GB18030, ISO-8859-1, ISO-8859-15 and US-ASCII are read";
            Wrong::new(format!("its charset {} is not known", show(label)), accepted)
        })?),
    };
    let said = if mark > 0 { Some(Charset::Utf8) } else { declared };
    if let (true, Some(other)) = (mark > 0, declared.filter(|c| *c != Charset::Utf8)) {
        let problem = format!("it begins with the mark of UTF-8 and declares {}", other.word());
        return Err(Wrong::new(problem, ASK));
    }
    match (encoding, said) {
        (Encoding::Insist(wanted), Some(said)) if !alike(wanted, said) => {
            let problem = format!("it says {}, the format expects {}", said.word(), wanted.word());
            Err(Wrong::new(problem, "one of the two is wrong; ask the bank which charset it sends"))
        }
        (Encoding::Insist(wanted), _) => Ok((wanted, mark)),
        (_, said) => Ok((said.unwrap_or(Charset::Utf8), mark)),
    }
}

/// GBK and its extension call themselves by each other's names; ASCII is a part of all.
fn alike(wanted: Charset, said: Charset) -> bool {
    let national = |c| matches!(c, Charset::Gbk | Charset::Gb18030);
    wanted == said || said == Charset::Ascii || (national(wanted) && national(said))
}

/// The charset named in `<?xml … encoding="…"?>`. All charsets that are read have ASCII's letters.
fn label(start: &[u8]) -> Option<&str> {
    let start = &start[..start.len().min(DECLARATION)];
    let rest = start.strip_prefix(b"<?xml").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))?;
    let end = rest.windows(2).position(|w| w == b"?>")?;
    let declaration = std::str::from_utf8(&rest[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label)
}

fn charset_of(label: &str) -> Option<Charset> {
    match label.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Some(Charset::Utf8),
        "gbk" | "gb2312" | "cp936" => Some(Charset::Gbk),
        "gb18030" => Some(Charset::Gb18030),
        "iso-8859-1" | "latin1" => Some(Charset::Latin1),
        "iso-8859-15" => Some(Charset::Latin9),
        "us-ascii" | "ascii" => Some(Charset::Ascii),
        _ => None,
    }
}

/// The name of a charset as documents declare it.
pub const fn declared_as(charset: Charset) -> &'static str {
    match charset {
        Charset::Gbk => "GBK",
        Charset::Gb18030 => "GB18030",
        Charset::Utf8 => "UTF-8",
        Charset::Latin1 => "ISO-8859-1",
        Charset::Latin9 => "ISO-8859-15",
        Charset::Ascii => "US-ASCII",
    }
}
