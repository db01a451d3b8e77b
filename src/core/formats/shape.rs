//! The shapes of files: how records and cells are told apart. Only *cut* and *pen* ask.

use std::sync::Arc;

use super::tree::Tree;
use super::weave::Pieces;
use super::words::{Quotes, Trailing, Unit, Unknown};
use crate::charset::Charset;
use crate::workbook::Choice;
use crate::xml::Encoding;

/// How cells become bytes.
#[derive(Clone, Debug)]
pub(super) struct Style {
    pub charset: Charset,
    pub unit: Unit,
    pub shape: Shape,
}

/// How records and cells are told apart.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Delimited {
        separator: Separator,
        quotes: Quotes,
        trailing: Trailing,
        skip: Vec<String>,
    },
    Fixed,
    /// A sheet of an Excel workbook; only read.
    Workbook(Arc<WorkbookShape>),
    /// One document: its elements around the rows are the head and the tail, a repeated element is a row.
    Xml(Arc<Xml>),
}

/// Which sheet of a workbook, and what of it is taken.
#[derive(Clone, Debug)]
pub(super) struct WorkbookShape {
    pub sheet: Choice,
    /// From 1; found by the titles where it is not said.
    pub title_row: Option<u32>,
    /// Rows whose first cell begins so are passed over; an empty text = empty rows.
    pub skip: Vec<String>,
    /// What formulas last came to is taken.
    pub cached: bool,
    /// Hidden rows are read.
    pub hidden: bool,
}

/// What an XML file looks like.
#[derive(Clone, Debug)]
pub(super) struct Xml {
    pub namespace: Option<String>,
    /// The repeated element, below the root.
    pub rows: String,
    pub unknown: Unknown,
    pub encoding: Encoding,
    pub tree: Tree,
    pub pieces: Pieces,
    /// The element that holds the signature, as a path below the root.
    pub signature: Option<String>,
}

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Byte(u8),
    /// Any run of spaces and tabs.
    Blanks,
}
