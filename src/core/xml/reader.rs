//! A document as events: starts, texts and ends of elements, each with its place.

use std::io::Read;

use quick_xml::events::Event as Raw;

use super::attributes::{Start, Tag, push_reference};
use super::error::{Place, Wrong, XmlError, show};
use super::label::Encoding;
use super::namespaces::Namespaces;
use super::source::Source;
use super::{DEEPEST, LONGEST, is_blank};

/// One event of a document.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// An element begins.
    Start(Start<'a>),
    /// Text of an element up to its next child or its end: references resolved, CDATA joined, line ends as `\n`. White
    /// space beside child elements is left out; that of an element without children is kept.
    Text(&'a str),
    /// The element of this local name ends; an empty one (`<a/>`) ends, too.
    End(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Start,
    End,
    /// Nothing to tell: a comment, a part of a text.
    On,
    Done,
}

/// Reads a document as a stream.
#[derive(Debug)]
pub struct Reader<R> {
    xml: quick_xml::Reader<Source<R>>,
    buffer: Vec<u8>,
    tag: Tag,
    namespaces: Namespaces,
    /// The local names of the open elements, one behind the other, and where each begins.
    names: String,
    open: Vec<usize>,
    ended: String,
    text: String,
    text_place: Place,
    /// The step read behind a text that was told first.
    waiting: Option<(Step, Place)>,
    /// Whether nothing but text came since the last start.
    leaf: bool,
    rooted: bool,
    first: Place,
    place: Place,
    over: Option<Result<(), XmlError>>,
}

impl<R: Read> Reader<R> {
    /// Opens a document; nothing is read yet. `first_line` is 1, or more where lines stood before the document.
    pub fn new(input: R, encoding: Encoding, first_line: u64) -> Reader<R> {
        let mut xml = quick_xml::Reader::from_reader(Source::new(input, encoding, first_line));
        let config = xml.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = true;
        let first = Place { line: first_line, column: 1 };
        Reader {
            xml,
            buffer: Vec::new(),
            tag: Tag::new(),
            namespaces: Namespaces::default(),
            names: String::new(),
            open: Vec::new(),
            ended: String::new(),
            text: String::new(),
            text_place: first,
            waiting: None,
            leaf: false,
            rooted: false,
            first,
            place: first,
            over: None,
        }
    }

    /// Where the last event begins; after the last one, where the document ends.
    pub fn place(&self) -> Place {
        self.place
    }

    /// How many elements are open; the one that just began counts, the one that just ended does not.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next event; `None` after the root's end, once nothing but white space and comments came. After an error
    /// the same error.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, XmlError> {
        Ok(self.next_placed()?.map(|(_, event)| event))
    }

    /// The next event, and where it begins.
    pub fn next_placed(&mut self) -> Result<Option<(Place, Event<'_>)>, XmlError> {
        let step = self.advance().inspect_err(|error| self.over = Some(Err(error.clone())))?;
        let event = match step {
            None => return Ok(None),
            Some(Step::Start) => Event::Start(Start::new(&self.tag, &self.namespaces)),
            Some(Step::End) => Event::End(&self.ended),
            Some(_) => Event::Text(&self.text),
        };
        Ok(Some((self.place, event)))
    }

    /// The next step to tell; [`Step::On`] is a text.
    fn advance(&mut self) -> Result<Option<Step>, XmlError> {
        if let Some(over) = &self.over {
            return over.clone().map(|()| None);
        }
        if let Some((step, place)) = self.waiting.take() {
            return Ok(Some(self.tell(step, place)));
        }
        self.text.clear();
        loop {
            let place = self.xml.get_mut().place();
            let step = self.step(place)?;
            let told = match step {
                Step::On => continue,
                Step::Done => {
                    self.place = place;
                    self.over = Some(Ok(()));
                    return Ok(None);
                }
                Step::Start => !is_blank(&self.text),
                Step::End => !self.text.is_empty() && (self.leaf || !is_blank(&self.text)),
            };
            if !told {
                return Ok(Some(self.tell(step, place)));
            }
            self.waiting = Some((step, place));
            self.place = self.text_place;
            return Ok(Some(Step::On));
        }
    }

    fn tell(&mut self, step: Step, place: Place) -> Step {
        self.place = place;
        self.leaf = step == Step::Start;
        if step == Step::Start {
            self.open.push(self.names.len());
            self.names.push_str(self.tag.name());
        } else {
            let from = self.open.pop().unwrap_or(0);
            self.ended.clear();
            self.ended.push_str(&self.names[from..]);
            self.names.truncate(from);
            self.namespaces.leave(self.open.len());
        }
        step
    }

    fn step(&mut self, place: Place) -> Result<Step, XmlError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        self.xml.get_mut().mark();
        let step = match self.xml.read_event_into(&mut buffer) {
            Ok(event) => self.take(&event, place).map_err(|wrong| wrong.at(place)),
            Err(quick_xml::Error::Io(_)) => {
                let unread = || Wrong::new("it cannot be read", "fetch the file again").at(place);
                Err(self.xml.get_mut().failure().unwrap_or_else(unread))
            }
            Err(error) => Err(Wrong::of_parser(&error).at(place)),
        };
        self.buffer = buffer;
        step
    }

    fn take(&mut self, event: &Raw<'_>, place: Place) -> Result<Step, Wrong> {
        match event {
            Raw::Start(start) | Raw::Empty(start) => {
                self.check_start(start.name().0)?;
                self.tag.read(start, self.open.len() + 1, &mut self.namespaces)?;
                self.rooted = true;
                Ok(Step::Start)
            }
            Raw::End(_) => Ok(Step::End),
            Raw::Text(text) => {
                if text.contains("]]>") {
                    return Err(Wrong::new("a text holds `]]>`", "it ends a CDATA section and stands nowhere else"));
                }
                self.add(place, text)
            }
            Raw::CData(text) => {
                self.inside("a CDATA section")?;
                self.add(place, text)
            }
            Raw::GeneralRef(name) => {
                self.inside("a reference")?;
                self.begin_text(place);
                push_reference(name, &mut self.text)?;
                self.within().map(|()| Step::On)
            }
            Raw::Decl(declaration) => self.declaration(place, declaration).map(|()| Step::On),
            Raw::Comment(_) | Raw::PI(_) => Ok(Step::On),
            Raw::DocType(_) => {
                let rule = "files of money define nothing of their own; entities and external parts are not read";
                Err(Wrong::new("it declares a document type (DOCTYPE)", rule))
            }
            Raw::Eof => self.end(),
        }
    }

    fn check_start(&self, name: &str) -> Result<(), Wrong> {
        if self.open.is_empty() && self.rooted {
            let problem = format!("a second root {} stands behind the first", show(name));
            return Err(Wrong::new(problem, "a document has one root; two files may have been joined"));
        }
        if self.open.len() >= DEEPEST {
            let problem = format!("elements are nested deeper than {DEEPEST}");
            return Err(Wrong::new(problem, "no bank writes such documents; it is broken"));
        }
        Ok(())
    }

    fn inside(&self, what: &str) -> Result<(), Wrong> {
        if !self.open.is_empty() {
            return Ok(());
        }
        let side = if self.rooted { "behind" } else { "before" };
        let rule = "only white space and comments stand outside the root; is it an XML document?";
        Err(Wrong::new(format!("{what} stands {side} the root"), rule))
    }

    fn begin_text(&mut self, place: Place) {
        if self.text.is_empty() {
            self.text_place = place;
        }
    }

    fn add(&mut self, place: Place, text: &str) -> Result<Step, Wrong> {
        if self.open.is_empty() {
            return if is_blank(text) { Ok(Step::On) } else { self.inside("a text").map(|()| Step::On) };
        }
        self.begin_text(place);
        if text.contains('\r') {
            self.text.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
        } else {
            self.text.push_str(text);
        }
        self.within().map(|()| Step::On)
    }

    fn within(&self) -> Result<(), Wrong> {
        if self.text.len() <= LONGEST {
            return Ok(());
        }
        let problem = format!("the text of one element is longer than {LONGEST} bytes");
        Err(Wrong::new(problem, "no bank writes such texts; the document is broken"))
    }

    fn declaration(&self, place: Place, declaration: &str) -> Result<(), Wrong> {
        if place != self.first {
            let rule = "it stands at the very beginning or not at all; two files may have been joined";
            return Err(Wrong::new("an XML declaration stands inside the document", rule));
        }
        let version = declaration.split_once("version").map(|(_, rest)| rest.trim_start_matches([' ', '=']));
        if version.is_some_and(|rest| rest.starts_with("\"1.0\"") || rest.starts_with("'1.0'")) {
            return Ok(());
        }
        Err(Wrong::new("it does not say version=\"1.0\"", "documents are XML 1.0; ask the bank"))
    }

    fn end(&self) -> Result<Step, Wrong> {
        let rule = "a file is taken whole or not at all; it was cut short on its way, fetch it again";
        match self.open.last() {
            Some(from) => {
                let problem = format!("the document ends inside {}", show(&self.names[*from..]));
                Err(Wrong::new(problem, rule))
            }
            None if self.rooted => Ok(Step::Done),
            None => Err(Wrong::new("the document has no element", rule)),
        }
    }
}
