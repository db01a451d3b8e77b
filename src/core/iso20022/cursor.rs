//! A document being walked: its body is found wherever it stands, its parts are handed out one by one.

use std::io::Read;

use super::names::Name;
use super::namespace::{Family, Identity, check, other_body};
use super::node::{Node, Tree};
use super::warnings::{Warnings, short};
use crate::formats::records::FileError;
use crate::xml::{Encoding, Event, Namespace, Place, Reader};

/// The most elements of one part: a transaction has a few dozen.
const PART: usize = 20_000;

/// A document that is open at its body.
#[derive(Debug)]
pub(super) struct Cursor<R> {
    xml: Reader<R>,
    file: String,
    /// What the namespace of the body says.
    pub identity: Identity,
    namespace: String,
    /// The body's declaration of it, which most elements share: texts are compared for others only.
    scope: Namespace,
    pub warnings: Warnings,
    /// Where the body begins.
    pub body: Place,
    /// Elements of the part being read.
    count: usize,
}

enum Step {
    Start(Name),
    /// An element of another namespace begins.
    Foreign,
    Text,
    End,
}

impl<R: Read> Cursor<R> {
    /// Opens a document and finds the body of a message; documents may be wrapped in envelopes.
    /// Gives the body beside it, of which nothing but the start is read.
    pub(super) fn open(file: &str, family: Family, strict: bool, input: R) -> Result<(Cursor<R>, Tree), FileError> {
        let mut cursor = Cursor {
            xml: Reader::new(input, Encoding::Declared, 1),
            file: file.to_owned(),
            identity: Identity::default(),
            namespace: String::new(),
            scope: Namespace::None,
            warnings: Warnings::default(),
            body: Place { line: 1, column: 1 },
            count: 0,
        };
        let mut seen = Vec::new();
        loop {
            let (name, namespace) = match cursor.xml.next_event() {
                Ok(Some(Event::Start(start))) => (start.name().to_owned(), start.namespace().to_owned()),
                Ok(Some(_)) => continue,
                Ok(None) => return Err(cursor.no_body(family, &seen)),
                Err(error) => return Err(cursor.named(error.into_file_error())),
            };
            let place = cursor.xml.place();
            if let Some(found) = Family::of_body(&name) {
                cursor.begin(found, family, &namespace, strict, place)?;
                cursor.body = place;
                let mut body = Tree::new();
                body.begin(Name::of(&name), cursor.xml.last_start(), place);
                return Ok((cursor, body));
            }
            if let Some(other) = other_body(&name) {
                let problem = format!("the message is a {other}");
                return Err(cursor.wrong(place, &name, problem, wanted(family)));
            }
            if name == "AppHdr" {
                cursor.skip()?;
            } else if seen.len() < 5 {
                seen.push(name);
            }
        }
    }

    fn begin(
        &mut self,
        found: Family,
        family: Family,
        namespace: &str,
        strict: bool,
        place: Place,
    ) -> Result<(), FileError> {
        if found != family {
            let problem = format!("the message is a {}", found.word());
            return Err(self.wrong(place, found.body(), problem, wanted(family)));
        }
        let at = (place.line, place.column);
        self.identity = check(family, namespace, strict, at, &mut self.warnings).map_err(|problem| {
            let rule = "the bank's agreement says which version it sends; choose the format that is for it";
            self.wrong(place, family.body(), problem, rule)
        })?;
        self.namespace = namespace.to_owned();
        self.scope = self.xml.last_start().scope();
        Ok(())
    }

    fn no_body(&self, family: Family, seen: &[String]) -> FileError {
        let inside = if seen.is_empty() { "nothing".to_owned() } else { seen.join(", ") };
        let problem = format!("no message is in the document; it holds {inside}");
        let rule = format!("a {} holds the element {}; fetch the file again", family.word(), family.body());
        self.wrong(self.xml.place(), "the document", problem, rule)
    }

    /// The next part of `parent`: reads its children into it up to one of the name `streamed`, which `part` begins
    /// with then; false at the parent's end.
    pub(super) fn until(&mut self, parent: &mut Tree, streamed: Name, part: &mut Tree) -> Result<bool, FileError> {
        loop {
            let name = match self.step()? {
                Step::End => return Ok(false),
                Step::Text => continue,
                Step::Foreign => {
                    self.foreign()?;
                    continue;
                }
                Step::Start(name) => name,
            };
            self.follow(parent, 0, name);
            if name == streamed {
                part.begin(name, self.xml.last_start(), self.xml.place());
                return Ok(true);
            }
            self.count = 0;
            let child = parent.add(0, name, self.xml.last_start(), self.xml.place());
            self.whole(parent, child)?;
            if parent.kept() > PART {
                return Err(self.too_large(parent.root()));
            }
        }
    }

    /// Reads a part that has just begun to its end.
    pub(super) fn part(&mut self, part: &mut Tree) -> Result<(), FileError> {
        self.count = 0;
        self.whole(part, 0)
    }

    fn whole(&mut self, tree: &mut Tree, at: usize) -> Result<(), FileError> {
        loop {
            match self.step()? {
                Step::End => return Ok(()),
                Step::Text => tree.say(at, self.xml.last_text()),
                Step::Start(name) => {
                    self.follow(tree, at, name);
                    self.count += 1;
                    if self.count > PART {
                        return Err(self.too_large(tree.node(at)));
                    }
                    let child = tree.add(at, name, self.xml.last_start(), self.xml.place());
                    self.whole(tree, child)?;
                }
                Step::Foreign => self.foreign()?,
            }
        }
    }

    /// Tells that a child is not where the schema puts it.
    fn follow(&mut self, tree: &mut Tree, parent: usize, child: Name) {
        if let Some(odd) = tree.next_is(parent, child) {
            self.warn(self.xml.place(), tree.node(parent).name(), odd);
        }
    }

    /// An element of another namespace is no part of the message, whatever its name.
    fn foreign(&mut self) -> Result<(), FileError> {
        let place = self.xml.place();
        let said = "it is of another namespace than the message and is passed over";
        self.warnings.add((place.line, place.column), self.xml.last_start().name(), said);
        self.skip()
    }

    /// Passes over the element that has just begun.
    fn skip(&mut self) -> Result<(), FileError> {
        let outside = self.xml.depth().saturating_sub(1);
        while self.xml.depth() > outside {
            if let Err(error) = self.xml.next_event() {
                return Err(self.named(error.into_file_error()));
            }
        }
        Ok(())
    }

    /// What is left of the document behind the body: no second message.
    pub(super) fn close(&mut self) -> Result<(), FileError> {
        loop {
            let name = match self.xml.next_event() {
                Ok(Some(Event::Start(start))) => start.name().to_owned(),
                Ok(Some(_)) => continue,
                Ok(None) => return Ok(()),
                Err(error) => return Err(self.named(error.into_file_error())),
            };
            if Family::of_body(&name).is_some() || other_body(&name).is_some() {
                let rule = "one document holds one message; ask the bank to send them one by one";
                return Err(self.wrong(self.xml.place(), &name, "a second message stands behind the first", rule));
            }
        }
    }

    fn step(&mut self) -> Result<Step, FileError> {
        let error = match self.xml.next_event() {
            Ok(Some(Event::Start(start))) if self.scope == start.scope() || self.namespace == start.namespace() => {
                return Ok(Step::Start(Name::of(start.name())));
            }
            Ok(Some(Event::Start(_))) => return Ok(Step::Foreign),
            Ok(Some(Event::Text(_))) => return Ok(Step::Text),
            Ok(Some(Event::End(_)) | None) => return Ok(Step::End),
            Err(error) => error,
        };
        Err(self.named(error.into_file_error()))
    }

    fn too_large(&self, node: Node<'_>) -> FileError {
        let problem = format!("it holds more than {PART} elements");
        self.wrong(node.place(), node.name(), problem, "no bank writes such parts; the document is broken")
    }

    /// An error of this file.
    pub(super) fn wrong(
        &self,
        place: Place,
        field: &str,
        problem: impl Into<String>,
        rule: impl Into<String>,
    ) -> FileError {
        let (line, column) = (place.line, place.column);
        let (problem, rule) = (short(problem.into()), rule.into());
        FileError { file: self.file.clone(), line, column, field: field.to_owned(), problem, rule }
    }

    /// An error gets the file's name.
    pub(super) fn named(&self, error: FileError) -> FileError {
        FileError { file: self.file.clone(), ..error }
    }

    /// Warns about a place.
    pub(super) fn warn(&mut self, place: Place, field: &str, problem: impl Into<String>) {
        self.warnings.add((place.line, place.column), field, problem);
    }
}

fn wanted(family: Family) -> String {
    format!("the format is for a {}; choose the format of this message", family.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_another_namespace_are_passed_over_and_told() {
        let text = "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.03'><CstmrPmtStsRpt>\
            <x:GrpHdr xmlns:x='urn:x'><x:MsgId>X</x:MsgId></x:GrpHdr><Nm xmlns='urn:x'><Id>1</Id></Nm>\
            <GrpHdr><MsgId>M</MsgId></GrpHdr></CstmrPmtStsRpt></Document>";
        let (mut cursor, mut body) = Cursor::open("f", Family::Pain002, false, text.as_bytes()).unwrap();
        assert!(!cursor.until(&mut body, Name::OrgnlPmtInfAndSts, &mut Tree::new()).unwrap());
        assert_eq!((body.kept(), body.root().text_at(&[Name::GrpHdr, Name::MsgId])), (1, Some("M")));
        let fields: Vec<&str> = cursor.warnings.all().iter().map(|warning| warning.field.as_str()).collect();
        assert_eq!(fields, ["GrpHdr", "Nm"]);
    }
}
