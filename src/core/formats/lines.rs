//! What stands between cells and between lines when a file is written.

use super::format::{Field, Format, Line, Part, Separator, Shape, Style};
use super::pen;
use super::records::FileError;
use super::weave;
use super::words::Trailing;

/// Where the last line has no end, line ends stand before lines: a row cannot know that it is the last.
pub(super) fn begin_line(format: &Format, first: bool, out: &mut Vec<u8>) {
    if !format.last_line_end && !first {
        out.extend_from_slice(format.line_end.bytes());
    }
}

pub(super) fn end_line(format: &Format, out: &mut Vec<u8>) {
    if format.last_line_end {
        out.extend_from_slice(format.line_end.bytes());
    }
}

pub(super) fn finish_line(format: &Format, out: &mut Vec<u8>) {
    if let Shape::Delimited { separator: Separator::Byte(separator), trailing: Trailing::Always, .. } =
        format.style.shape
    {
        out.push(separator);
    }
    end_line(format, out);
}

/// Writes one line whole: `cell` appends the bytes of each field, what stands between them is the shape's.
pub(super) fn line<E>(
    format: &Format,
    line: &Line,
    out: &mut Vec<u8>,
    mut cell: impl FnMut(usize, &mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let pieces = match (&format.style.shape, line.part) {
        (Shape::Xml(shape), Part::Head) => &shape.pieces.head,
        (Shape::Xml(shape), Part::Row) => &shape.pieces.row,
        (Shape::Xml(shape), Part::Tail) => &shape.pieces.tail,
        _ => {
            for field in 0..line.fields.len() {
                separate(&format.style, field, out);
                cell(field, out)?;
            }
            finish_line(format, out);
            return Ok(());
        }
    };
    weave::write(pieces, out, cell)?;
    end_line(format, out);
    Ok(())
}

pub(super) fn separate(style: &Style, column: usize, out: &mut Vec<u8>) {
    match style.shape {
        Shape::Delimited { separator: Separator::Byte(separator), .. } if column > 0 => out.push(separator),
        Shape::Delimited { separator: Separator::Blanks, .. } if column > 0 => out.push(b' '),
        _ => {}
    }
}

pub(super) fn titles(format: &Format, out: &mut Vec<u8>) -> Result<(), FileError> {
    for (column, field) in format.row.fields.iter().enumerate() {
        separate(&format.style, column, out);
        let title = Field { width: None, max: None, pad: None, quote: None, ..field.clone() };
        pen::put(&format.style, &title, &field.name, out).map_err(|p| p.at(0, column as u32 + 1, &field.name))?;
    }
    if let Shape::Delimited { separator: Separator::Byte(separator), trailing: Trailing::Always, .. } =
        format.style.shape
    {
        out.push(separator);
    }
    Ok(())
}
