//! The loader's last part, XML: where the fields stand in the document, and the tags that are written between them.

use std::ops::Range;
use std::sync::Arc;

use super::fault::{FormatError, Source};
use super::format::{Line, Part, Shape, Style, Xml};
use super::load_lines::Lines;
use super::spec::{FieldSpec, Spec, XmlSpec};
use super::tree::{Slot, Tree, path};
use super::weave::{Pieces, Weaver, settle};
use super::words::{Declared, LineEnd};
use crate::charset::Charset;
use crate::xml::{Encoding, Event, Reader, declared_as, is_name};

/// The shape of an XML format before its fields are known.
pub(super) fn shape(source: &Source<'_>, spec: &Spec, written: &XmlSpec) -> Result<Shape, FormatError> {
    let root = &written.root;
    if !is_name(root.get_ref()) {
        return Err(source.error(root.span(), "the root is one element: write its name"));
    }
    if let Some(namespace) = written.namespace.as_ref().filter(|uri| uri.get_ref().contains(['"', '&', '<'])) {
        return Err(source.error(namespace.span(), "a namespace is a URI or URN; it holds no quotes, `&` or `<`"));
    }
    let rows = &written.rows;
    let attribute = path(rows.get_ref()).map_err(|problem| source.error(rows.span(), problem))?.1;
    if attribute.is_some() {
        return Err(source.error(rows.span(), "the repeated thing is an element; write its path below the root"));
    }
    if spec.row.get_ref().titles {
        return Err(source.error(spec.row.span(), "a title row needs [delimited]; elements carry their names"));
    }
    if let Some(refusal) = &spec.refusal {
        let problem = "a document that refuses a whole file says so in its head: write `file_codes` in [answer]";
        return Err(source.error(refusal.span(), problem));
    }
    if let Some(second) = spec.head.get(1).or(spec.tail.get(1)) {
        return Err(
            source.error(second.span(), "a document has one [[head]] and one [[tail]]; put their fields together")
        );
    }
    if let (Some(preamble), LineEnd::None) = (&spec.preamble, spec.file.line_end.get_ref()) {
        return Err(source.error(preamble.span(), "a line before the document ends; write `line_end`"));
    }
    let charset = *spec.file.charset.get_ref();
    check_declaration(source, written, charset)?;
    let signature = written.signature.as_ref();
    let element = |text: &str| text.is_ascii() && path(text).is_ok_and(|(_, attribute)| attribute.is_none());
    if let Some(signature) = signature.filter(|signature| !element(signature.get_ref())) {
        return Err(source.error(signature.span(), "the signature is an element; write its path below the root"));
    }
    Ok(Shape::Xml(Arc::new(Xml {
        namespace: written.namespace.as_ref().map(|namespace| namespace.get_ref().clone()),
        rows: rows.get_ref().clone(),
        unknown: written.unknown,
        encoding: match written.declared {
            Declared::Checked => Encoding::Insist(charset),
            Declared::Ignored => Encoding::Override(charset),
        },
        tree: Tree::default(),
        pieces: Pieces::default(),
        signature: signature.map(|path| path.get_ref().clone()),
    })))
}

/// A declaration that is written must be read again as what it says.
fn check_declaration(source: &Source<'_>, written: &XmlSpec, charset: Charset) -> Result<(), FormatError> {
    let Some(declaration) = written.declaration.as_ref().filter(|text| !text.get_ref().is_empty()) else {
        return Ok(());
    };
    let document = format!("{}<x/>", declaration.get_ref());
    let mut reader = Reader::new(document.as_bytes(), Encoding::Insist(charset), 1);
    let problem = match (declaration.get_ref().starts_with("<?xml "), reader.next_event()) {
        (true, Ok(Some(Event::Start(_)))) => return Ok(()),
        (_, Err(error)) => format!("it cannot be read back: {}", error.problem),
        _ => "it begins with `<?xml `; write \"\" for none".to_owned(),
    };
    Err(source.error(declaration.span(), problem))
}

/// Every XML file has a head and a tail, if only for its tags.
pub(super) fn complete(lines: &mut Lines) {
    let bare = |part| Line { part, fields: Vec::new(), mark: None, least: 0, most: 0, bytes: 0 };
    if !lines.heads.iter().any(|line| line.part == Part::Head) {
        lines.heads.push(bare(Part::Head));
    }
    if lines.tails.is_empty() {
        lines.tails.push(bare(Part::Tail));
    }
}

/// Puts the fields into their places.
pub(super) fn fill(source: &Source<'_>, spec: &Spec, lines: &Lines, style: &mut Style) -> Result<(), FormatError> {
    let Some(written) = &spec.xml else { return Ok(()) };
    let (written, charset) = (written.get_ref(), style.charset);
    let Shape::Xml(shape) = &mut style.shape else { return Ok(()) };
    let shape = Arc::make_mut(shape);
    let rows: Vec<&str> = written.rows.get_ref().split('/').collect();
    let mut tree = Tree::new(written.root.get_ref(), &rows);
    let wrong = |part, field: usize, problem: String| {
        let span = span(spec, part, field);
        source.error(span, problem)
    };
    let parts =
        || lines.heads.iter().chain([&lines.row]).chain(&lines.tails).filter(|line| line.part != Part::Preamble);
    for line in parts() {
        for (field, made) in line.fields.iter().enumerate() {
            let slot = Slot { part: line.part, field };
            tree.place(slot, &made.name).map_err(|problem| wrong(line.part, field, problem))?;
        }
    }
    if let Some(signature) = &written.signature {
        tree.pass_over(signature.get_ref());
    }
    if let Some(name) = tree.mixed() {
        let problem = format!("element `{name}` is a field with a text, and other fields stand inside it");
        return Err(source.error(spec.row.span(), problem));
    }
    shape.pieces =
        pieces(written, charset, lines, &rows).map_err(|(part, field, problem)| wrong(part, field, problem))?;
    shape.tree = tree;
    Ok(())
}

type Misplaced = (Part, usize, String);

fn pieces(written: &XmlSpec, charset: Charset, lines: &Lines, rows: &[&str]) -> Result<Pieces, Misplaced> {
    let root = written.root.get_ref().as_str();
    let namespace = written.namespace.as_ref().map(|uri| format!(" xmlns=\"{}\"", uri.get_ref()));
    let whole = |problem| (Part::Head, 0, problem);
    let mut weaver = Weaver::new(charset, root, &namespace.unwrap_or_default()).map_err(whole)?;
    for line in lines.heads.iter().filter(|line| line.part == Part::Head) {
        weave(&mut weaver, line)?;
    }
    let (repeated, around) = rows.split_last().unwrap_or((&root, &[]));
    let around: Vec<&str> = [root].into_iter().chain(around.iter().copied()).collect();
    weaver.go(&around).map_err(whole)?;
    let mut head = weaver.take();
    let declaration = match &written.declaration {
        Some(declaration) => declaration.get_ref().clone(),
        None => format!("<?xml version=\"1.0\" encoding=\"{}\"?>", declared_as(charset)),
    };
    head.insert(0, super::weave::Piece::Fixed(declaration.into_bytes()));
    for line in &lines.tails {
        weave(&mut weaver, line)?;
    }
    let tail = weaver.end().map_err(whole)?;
    let mut weaver = Weaver::new(charset, repeated, "").map_err(whole)?;
    weave(&mut weaver, &lines.row)?;
    let row = weaver.end().map_err(whole)?;
    Ok(Pieces { head: settle(head), row: settle(row), tail: settle(tail) })
}

fn weave<'a>(weaver: &mut Weaver<'a>, line: &'a Line) -> Result<(), Misplaced> {
    for (at, field) in line.fields.iter().enumerate() {
        weaver.add(at, (&field.name, field.optional)).map_err(|problem| (line.part, at, problem))?;
    }
    Ok(())
}

/// Where a field stands in the format file.
fn span(spec: &Spec, part: Part, field: usize) -> Range<usize> {
    let fields: &[FieldSpec] = match part {
        Part::Row => &spec.row.get_ref().fields,
        Part::Tail => spec.tail.first().map_or(&[], |line| &line.get_ref().fields),
        _ => spec.head.first().map_or(&[], |line| &line.get_ref().fields),
    };
    fields.get(field).map_or(0..0, |field| field.name.span())
}
