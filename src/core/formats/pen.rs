//! One cell, text → bytes: charset, width, padding, quotes. Nothing is cut, replaced or let through that would not read
//! back as the same text.

use super::fault::{Problem, show};
use super::format::{Field, Separator, Shape, Style};
use super::words::{Pad, Quotes};
use crate::charset::Charset;
use crate::xml::is_char;

/// Appends the bytes of `text` as the cell `field`; on an error `out` may hold a part of it.
pub(super) fn put(style: &Style, field: &Field, text: &str, out: &mut Vec<u8>) -> Result<(), Problem> {
    if text.is_empty() && field.required {
        return Err(Problem::new(
            "it is empty",
            "the bank requires this field; complete the agreement or the parameter",
        ));
    }
    let quoted = check_characters(style, field, text)?;
    if let Some(quote) = field.quote {
        out.push(quote as u8);
    }
    let start = out.len();
    if let Err(odd) = style.charset.encode(text, out) {
        let code = u32::from(odd);
        return Err(Problem::new(
            format!(
                "{} holds `{odd}` (U+{code:04X}), which {} does not have",
                show(field.secret, text),
                style.charset.word()
            ),
            "nothing is replaced; agree on another spelling with the payer and the bank",
        ));
    }
    fit(field, text, start, out)?;
    if field.in_xml && out[start..].iter().any(|b| matches!(b, b'&' | b'<' | b'>' | b'"')) {
        escape(start, out);
    }
    if let Some(quote) = field.quote {
        out.push(quote as u8);
    }
    if quoted {
        let doubled = format!("\"{}\"", text.replace('"', "\"\""));
        out.truncate(start);
        // The same text was encoded above, so this cannot fail; the quote is ASCII.
        let _ = style.charset.encode(&doubled, out);
    }
    Ok(())
}

/// What XML would read as markup becomes references. In every charset that is written these bytes stand for themselves:
/// none is the second byte of a character.
fn escape(start: usize, out: &mut Vec<u8>) {
    let plain = out.split_off(start);
    for byte in plain {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            other => out.push(other),
        }
    }
}

/// Checks what may stand in a cell; says whether it needs RFC 4180 quotes.
fn check_characters(style: &Style, field: &Field, text: &str) -> Result<bool, Problem> {
    let (separator, quotes) = match &style.shape {
        Shape::Fixed | Shape::Workbook(_) | Shape::Xml(_) => (None, Quotes::None),
        Shape::Delimited { separator, quotes, .. } => (Some(*separator), *quotes),
    };
    if separator == Some(Separator::Blanks) && text.is_empty() {
        return Err(Problem::new("it is empty", "columns are separated by blanks, an empty one would vanish"));
    }
    // ASCII is looked at below, byte by byte.
    if field.in_xml && !text.is_ascii() && !text.chars().all(is_char) {
        return Err(control_character(field, text));
    }
    let mut needs_quotes = false;
    for byte in text.bytes() {
        let splits = match separator {
            Some(Separator::Byte(separator)) => byte == separator,
            Some(Separator::Blanks) => byte == b' ',
            None => false,
        };
        if byte < 0x20 || byte == 0x7F {
            return Err(control_character(field, text));
        }
        if quotes == Quotes::Rfc4180 {
            needs_quotes |= splits || byte == b'"';
        } else if splits || field.quote.is_some_and(|quote| byte == quote as u8) {
            return Err(Problem::new(
                format!("{} holds `{}`", show(field.secret, text), char::from(byte)),
                "the format separates or quotes cells by it; the bank would read another cell",
            ));
        }
    }
    Ok(needs_quotes)
}

fn control_character(field: &Field, text: &str) -> Problem {
    Problem::new(
        format!("{} holds a control character", show(field.secret, text)),
        "a cell holds no line ends, tabs or other control characters",
    )
}

/// Checks width and pads; `out[start..]` holds the encoded text.
fn fit(field: &Field, text: &str, start: usize, out: &mut Vec<u8>) -> Result<(), Problem> {
    let bytes = out.len() - start;
    if let Some(most) = field.width.or(field.max)
        && bytes > most
    {
        return Err(Problem::new(
            format!("{} takes {bytes} bytes", show(field.secret, text)),
            format!("the bank's field has {most} bytes; nothing is cut, agree on a shorter one"),
        ));
    }
    let (Some(width), Some(pad)) = (field.width, field.pad) else { return Ok(()) };
    match pad {
        Pad::ZeroLeft if !text.bytes().all(|b| b.is_ascii_digit()) => {
            return Err(Problem::new(
                format!("{} is not digits only", show(field.secret, text)),
                "the field is padded with zeros on the left",
            ));
        }
        Pad::SpaceRight if text.ends_with(' ') => return Err(edge(field, text, "end")),
        Pad::SpaceLeft if text.starts_with(' ') => return Err(edge(field, text, "start")),
        Pad::SpaceRight => out.resize(start + width, b' '),
        Pad::ZeroLeft | Pad::SpaceLeft => {
            let fill = if pad == Pad::ZeroLeft { b'0' } else { b' ' };
            out.splice(start..start, std::iter::repeat_n(fill, width - bytes));
        }
    }
    Ok(())
}

fn edge(field: &Field, text: &str, side: &str) -> Problem {
    Problem::new(
        format!("{} has a space at its {side}", show(field.secret, text)),
        "the field is padded with spaces there; the bank could not tell them apart",
    )
}

/// The text of a cell as it was read: padding and quotes taken off. Zeros stay; numbers are read with them.
#[inline]
pub(super) fn bare<'a>(field: &Field, cell: &'a str) -> &'a str {
    let cell = match field.pad {
        Some(Pad::SpaceRight) => cell.trim_end_matches(' '),
        Some(Pad::SpaceLeft) => cell.trim_start_matches(' '),
        Some(Pad::ZeroLeft) | None => cell,
    };
    let Some(quote) = field.quote else { return cell };
    cell.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).unwrap_or(cell)
}

/// Whether a constant text can be written at all, for the loader.
pub(super) fn fits(style: &Style, field: &Field, text: &str) -> Result<(), String> {
    let mut scratch = Vec::new();
    put(style, field, text, &mut scratch).map_err(|p| format!("{}: {}", p.problem, p.rule))
}

/// Whether a text has a byte length in a charset, for marks of fixed records.
pub(super) fn byte_len(charset: Charset, text: &str) -> Option<usize> {
    let mut scratch = Vec::new();
    charset.encode(text, &mut scratch).ok().map(|()| scratch.len())
}
