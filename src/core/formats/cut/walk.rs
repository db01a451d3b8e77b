//! The way through a document: which known element we are in, and the cells found so far of head, row and tail.

use std::sync::Arc;

use super::{Cell, Record, broken};
use crate::formats::format::{Format, Line, Part, Xml};
use crate::formats::records::FileError;
use crate::formats::tree::Slot;
use crate::formats::words::Unknown;
use crate::xml::{Encoding, Event, Place, Start};

/// Where in the document we are, and what was found.
#[derive(Debug)]
pub(super) struct Walk {
    shape: Arc<Xml>,
    /// The open elements that the format knows.
    open: Vec<usize>,
    /// How many elements are open that it does not know.
    unknown: usize,
    /// For each known element the row it last stood in, from 1; 0 for none.
    seen: Vec<u64>,
    rows: u64,
    head: Found,
    row: Found,
    tail: Found,
    head_told: bool,
    tail_told: bool,
}

/// The cells of one record being collected.
#[derive(Debug)]
struct Found {
    text: String,
    cells: Vec<Option<(usize, usize, Place)>>,
    start: Place,
}

const START: Place = Place { line: 1, column: 1 };

impl Walk {
    pub(super) fn new(format: &Format, shape: &Arc<Xml>) -> Walk {
        let found = |line: Option<&Line>| {
            let count = line.map_or(0, |line| line.fields.len());
            Found { text: String::new(), cells: vec![None; count], start: START }
        };
        Walk {
            shape: Arc::clone(shape),
            open: Vec::new(),
            unknown: 0,
            seen: vec![0; shape.tree.nodes.len()],
            rows: 0,
            head: found(format.heads.last()),
            row: found(Some(&format.row)),
            tail: found(format.tails.last()),
            head_told: false,
            tail_told: false,
        }
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.shape.encoding
    }

    /// Takes an event; says which record is whole now.
    pub(super) fn take(&mut self, place: Place, event: Event<'_>) -> Result<Option<Part>, FileError> {
        match event {
            Event::Start(start) => self.start(place, start),
            Event::Text(text) => self.text(place, text).map(|()| None),
            Event::End(_) if self.unknown > 0 => {
                self.unknown -= 1;
                Ok(None)
            }
            Event::End(_) => {
                let node = self.open.pop();
                let row = node.is_some_and(|node| self.shape.tree.nodes[node].row);
                Ok(row.then_some(Part::Row))
            }
        }
    }

    fn start(&mut self, place: Place, start: Start<'_>) -> Result<Option<Part>, FileError> {
        let shape = Arc::clone(&self.shape);
        let tree = &shape.tree;
        if self.unknown > 0 {
            self.unknown += 1;
            return Ok(None);
        }
        let ours = shape.namespace.as_deref().is_none_or(|uri| uri == start.namespace());
        let node = match self.open.last() {
            None if ours && start.name() == tree.nodes[0].name => Some(0),
            None => return Err(self.other_root(place, start)),
            Some(parent) => tree.child(*parent, start.name()).filter(|_| ours),
        };
        let Some(node) = node else {
            self.unknown = 1;
            return self.refuse_unknown(place, start.name()).map(|()| None);
        };
        let known = &tree.nodes[node];
        if known.passed_over {
            self.unknown = 1;
            return Ok(None);
        }
        self.open.push(node);
        if known.row {
            self.begin_row(place)?;
        } else if self.seen[node] == self.rows + 1 || (self.seen[node] > 0 && !self.in_row()) {
            let rule = "each element that is a field, or holds fields, stands once";
            return Err(self.wrong(place, "the element stands twice".to_owned(), rule));
        }
        self.seen[node] = self.rows + 1;
        if node == 0 {
            self.head.start = place;
        }
        if let Some(slot) = known.text {
            self.put(place, slot, "")?;
        }
        for attribute in start.attributes() {
            let slot =
                known.attributes.iter().find(|(name, _)| attribute.namespace.is_empty() && name == attribute.name);
            match slot {
                Some((_, slot)) => self.put(place, *slot, attribute.value)?,
                None if attribute.namespace.is_empty() => self.refuse_unknown(place, attribute.name)?,
                None => {}
            }
        }
        // The head is whole when the first row begins.
        let head = known.row && !self.head_told;
        Ok(head.then_some(Part::Head))
    }

    fn begin_row(&mut self, place: Place) -> Result<(), FileError> {
        self.rows += 1;
        self.row.clear(place);
        if let Some((.., at)) = self.tail.cells.iter().flatten().min_by_key(|(.., at)| *at) {
            let rule = "the format puts it into [[tail]]: behind the rows";
            return Err(self.wrong(*at, "an element of the tail stands before the rows".to_owned(), rule));
        }
        Ok(())
    }

    fn text(&mut self, place: Place, text: &str) -> Result<(), FileError> {
        if self.unknown > 0 {
            return Ok(());
        }
        let node = self.open.last().map(|node| self.shape.tree.nodes[*node].text);
        match node {
            Some(Some(slot)) => self.put(place, slot, text),
            _ if text.trim().is_empty() => Ok(()),
            _ => {
                let rule = "the element holds other elements, or the format gives its text no name";
                Err(self.wrong(place, "a text stands where none belongs".to_owned(), rule))
            }
        }
    }

    fn put(&mut self, place: Place, slot: Slot, text: &str) -> Result<(), FileError> {
        let found = match slot.part {
            Part::Row => &mut self.row,
            Part::Tail => &mut self.tail,
            _ if self.head_told => {
                let rule = "the format puts it into [[head]]: before the rows";
                return Err(self.wrong(place, "an element of the head stands behind the first row".to_owned(), rule));
            }
            _ => &mut self.head,
        };
        let start = found.text.len();
        found.text.push_str(text);
        let before = found.cells[slot.field].replace((start, start + text.len(), place));
        if before.is_some_and(|(from, to, _)| from < to) {
            let rule = "an element that is a field holds one text and no other elements";
            return Err(self.wrong(place, "its text is interrupted".to_owned(), rule));
        }
        Ok(())
    }

    /// The document ended.
    pub(super) fn end(&mut self, place: Place) -> Option<Part> {
        if !self.head_told {
            return Some(Part::Head);
        }
        if !self.tail_told {
            self.tail.start = place;
            return Some(Part::Tail);
        }
        None
    }

    pub(super) fn tell(&mut self, part: Part, record: &mut Record) {
        let rows = self.rows;
        let (found, line) = match part {
            Part::Row => (&mut self.row, Some(rows)),
            Part::Tail => (&mut self.tail, None),
            _ => (&mut self.head, None),
        };
        // A row's line is its number: whole documents may stand in one line. Its places say where it is.
        record.clear(line.unwrap_or(found.start.line));
        record.whole_at = Some((found.start.line, found.start.column));
        std::mem::swap(&mut record.text, &mut found.text);
        for cell in &found.cells {
            let (start, end, at) = cell.unwrap_or((0, 0, found.start));
            record.cells.push(Cell { start, end, at: 0 });
            record.cells_at.push((at.line, at.column));
        }
        self.head_told |= part == Part::Head;
        self.tail_told |= part == Part::Tail;
    }

    fn in_row(&self) -> bool {
        self.open.iter().any(|node| self.shape.tree.nodes[*node].row)
    }

    fn refuse_unknown(&self, place: Place, name: &str) -> Result<(), FileError> {
        if self.shape.unknown == Unknown::Ignore {
            return Ok(());
        }
        let name: String = name.chars().take(40).collect();
        let rule = "the format says `unknown = \"refuse\"`; add it to the format, or ask the bank";
        Err(self.wrong(place, format!("`{name}` is not known here"), rule))
    }

    fn other_root(&self, place: Place, start: Start<'_>) -> FileError {
        let shown = |name: &str, uri: &str| {
            let name: String = name.chars().take(40).collect();
            if uri.is_empty() { format!("`{name}`") } else { format!("`{name}` of {}", uri.escape_debug()) }
        };
        let found = shown(start.name(), &start.namespace().chars().take(80).collect::<String>());
        let wanted = shown(&self.shape.tree.nodes[0].name, self.shape.namespace.as_deref().unwrap_or_default());
        let rule = "the root says what a document is; is it the right file?";
        self.wrong(place, format!("the root is {found}, it should be {wanted}"), rule)
    }

    /// An error about the innermost known element.
    fn wrong(&self, place: Place, problem: String, rule: &str) -> FileError {
        let mut path = String::new();
        for node in self.open.iter().map(|node| &self.shape.tree.nodes[*node]) {
            let slash = if path.is_empty() { "" } else { "/" };
            path.push_str(slash);
            path.push_str(&node.name);
            if node.row {
                path.push_str(&format!("[{}]", self.rows));
            }
        }
        let field = if path.is_empty() { "the document".to_owned() } else { path };
        FileError { field, ..broken(place.line, place.column, problem, rule) }
    }
}

impl Found {
    fn clear(&mut self, start: Place) {
        self.text.clear();
        self.cells.fill(None);
        self.start = start;
    }
}
