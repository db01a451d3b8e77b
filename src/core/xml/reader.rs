//! A document as events: starts, texts and ends of elements, each with its place.

use std::io::Read;

use quick_xml::events::BytesStart;

use super::attributes::{Start, Tag};
use super::content::Content;
use super::error::{Place, Wrong, XmlError, show};
use super::label::Encoding;
use super::namespaces::Namespaces;
use super::open::Open;
use super::plain;
use super::source::Source;
use super::token::Token;
use super::{DEEPEST, is_blank};

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

/// White space by XML.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

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
    source: Source<R>,
    tag: Tag,
    namespaces: Namespaces,
    open: Open,
    /// An empty element began: its end comes next.
    empty: bool,
    content: Content,
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
        let first = Place { line: first_line, column: 1 };
        Reader {
            source: Source::new(input, encoding, first_line),
            tag: Tag::new(),
            namespaces: Namespaces::default(),
            open: Open::default(),
            empty: false,
            content: Content::new(first),
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

    /// The start of the element that began last.
    pub fn last_start(&self) -> Start<'_> {
        Start::new(&self.tag, &self.namespaces)
    }

    /// The text that was told last.
    pub fn last_text(&self) -> &str {
        self.content.text()
    }

    /// How many elements are open; the one that just began counts, the one that just ended does not.
    pub fn depth(&self) -> usize {
        self.open.depth()
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
            Some(Step::End) => Event::End(self.open.ended()),
            Some(_) => Event::Text(self.content.text()),
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
        self.content.clear();
        loop {
            let place = self.source.place();
            let step = self.step(place)?;
            let told = match step {
                Step::On => continue,
                Step::Done => {
                    self.place = place;
                    self.over = Some(Ok(()));
                    return Ok(None);
                }
                Step::Start => !self.content.is_blank(),
                Step::End => !self.content.is_empty() && (self.leaf || !self.content.is_blank()),
            };
            if !told {
                return Ok(Some(self.tell(step, place)));
            }
            self.waiting = Some((step, place));
            self.place = self.content.place();
            return Ok(Some(Step::On));
        }
    }

    fn tell(&mut self, step: Step, place: Place) -> Step {
        self.place = place;
        self.leaf = step == Step::Start;
        if step == Step::Start {
            self.open.push(self.tag.full_name(), self.tag.prefix());
        } else {
            self.open.pop();
            self.namespaces.leave(self.open.depth());
        }
        step
    }

    fn step(&mut self, place: Place) -> Result<Step, XmlError> {
        if std::mem::take(&mut self.empty) {
            return Ok(Step::End);
        }
        if let Some(step) = self.plain(place).map_err(|wrong| wrong.at(place))? {
            return Ok(step);
        }
        let Some((token, length)) = self.source.token()? else { return self.end().map_err(|wrong| wrong.at(place)) };
        let (window, at) = self.source.lend();
        let step = self.take(token, &window[at..at + length], place);
        self.source.take(window, length);
        step.map_err(|wrong| wrong.at(place))
    }

    /// Reads what nearly all of a document is; `None` where something else stands next.
    fn plain(&mut self, place: Place) -> Result<Option<Step>, Wrong> {
        let Some(name) = self.open.full_name() else { return Ok(None) };
        let rest = self.source.rest();
        let (step, length) = if plain::is_end(rest, name) {
            (Step::End, name.len() + 3)
        } else if let Some(start) = plain::start(rest) {
            self.check_start(start.name)?;
            self.tag.plain(start, &self.namespaces)?;
            (Step::Start, start.length)
        } else if let Some(text) = plain::text(rest) {
            self.content.add_plain(place, text)?;
            (Step::On, text.len())
        } else {
            return Ok(None);
        };
        self.source.skip(length);
        Ok(Some(step))
    }

    fn take(&mut self, token: Token, piece: &str, place: Place) -> Result<Step, Wrong> {
        match token {
            Token::Start => self.begin(&piece[1..piece.len() - 1]),
            Token::Empty => {
                self.empty = true;
                self.begin(&piece[1..piece.len() - 2])
            }
            Token::End => self.open.closes(piece[2..piece.len() - 1].trim_end_matches(BLANKS)).map(|()| Step::End),
            Token::Text => {
                if memchr::memchr(b']', piece.as_bytes()).is_some() && piece.contains("]]>") {
                    return Err(Wrong::new("a text holds `]]>`", "it ends a CDATA section and stands nowhere else"));
                }
                self.add(place, piece)
            }
            Token::CData => {
                self.inside("a CDATA section")?;
                self.add(place, &piece[9..piece.len() - 3])
            }
            Token::Reference => {
                self.inside("a reference")?;
                self.content.add_reference(place, &piece[1..piece.len() - 1]).map(|()| Step::On)
            }
            Token::Declaration => self.declaration(place, piece).map(|()| Step::On),
            Token::Aside => Ok(Step::On),
            Token::DocType => {
                let rule = "files of money define nothing of their own; entities and external parts are not read";
                Err(Wrong::new("it declares a document type (DOCTYPE)", rule))
            }
        }
    }

    /// The start of an element, without its angle brackets.
    fn begin(&mut self, content: &str) -> Result<Step, Wrong> {
        let name = content.bytes().position(|b| BLANKS.contains(&char::from(b))).unwrap_or(content.len());
        self.check_start(&content[..name])?;
        let start = BytesStart::from_content(content, name);
        self.tag.read(&start, self.open.depth() + 1, &mut self.namespaces)?;
        self.rooted = true;
        Ok(Step::Start)
    }

    fn check_start(&self, name: &str) -> Result<(), Wrong> {
        if self.open.depth() == 0 && self.rooted {
            let problem = format!("a second root {} stands behind the first", show(name));
            return Err(Wrong::new(problem, "a document has one root; two files may have been joined"));
        }
        if self.open.depth() >= DEEPEST {
            let problem = format!("elements are nested deeper than {DEEPEST}");
            return Err(Wrong::new(problem, "no bank writes such documents; it is broken"));
        }
        Ok(())
    }

    fn inside(&self, what: &str) -> Result<(), Wrong> {
        if self.open.depth() > 0 {
            return Ok(());
        }
        let side = if self.rooted { "behind" } else { "before" };
        let rule = "only white space and comments stand outside the root; is it an XML document?";
        Err(Wrong::new(format!("{what} stands {side} the root"), rule))
    }

    fn add(&mut self, place: Place, text: &str) -> Result<Step, Wrong> {
        if self.open.depth() == 0 {
            return if is_blank(text) { Ok(Step::On) } else { self.inside("a text").map(|()| Step::On) };
        }
        self.content.add(place, text).map(|()| Step::On)
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
        match self.open.innermost() {
            Some(name) => {
                let problem = format!("the document ends inside {}", show(name));
                Err(Wrong::new(problem, rule))
            }
            None if self.rooted => Ok(Step::Done),
            None => Err(Wrong::new("the document has no element", rule)),
        }
    }
}
