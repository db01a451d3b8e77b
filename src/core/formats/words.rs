//! The closed lists of words in format files: each variation that banks were found to have.

use serde::Deserialize;

/// What to do with a byte order mark at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bom {
    #[default]
    Refuse,
    Strip,
}

/// What to do with NUL or 0x1A bytes after the last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndMark {
    #[default]
    Refuse,
    Ignore,
}

/// How lines end when we write; when we read, LF and CRLF are both taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LineEnd {
    Lf,
    Crlf,
    None,
}

impl LineEnd {
    pub(super) const fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::Lf => b"\n",
            LineEnd::Crlf => b"\r\n",
            LineEnd::None => b"",
        }
    }
}

/// What is done about formulas in a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Formulas {
    #[default]
    Refuse,
    /// What they last came to is taken.
    Cached,
}

/// What is done about hidden rows of a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum HiddenRows {
    #[default]
    Refuse,
    Read,
}

/// The unit of every amount in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    Fen,
    Yuan,
}

/// How cells may be quoted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Quotes {
    #[default]
    None,
    Rfc4180,
}

/// Whether lines end with a separator behind the last cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trailing {
    #[default]
    Never,
    Always,
    /// Read with or without, written without.
    May,
}

/// How a bank treats two rows of one card in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsPerCard {
    /// Each row by itself.
    #[default]
    Many,
    /// Together: the card's next account goes into a later file.
    One,
}

/// What fills a field up to its width, and on which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pad {
    ZeroLeft,
    SpaceLeft,
    SpaceRight,
}

/// Whether every row of an answer carries a key of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeyRule {
    #[default]
    Required,
    None,
}

/// What a document's own word about its charset counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Declared {
    /// It must agree with the format.
    #[default]
    Checked,
    /// Nothing: the bank's declaration is known to be wrong.
    Ignored,
}

/// What to do with elements and attributes that the format does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unknown {
    #[default]
    Ignore,
    Refuse,
}

/// What the code in an answer's head says about the whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Says {
    /// Look at the rows.
    Rows,
    /// The bank is still at work: rows that are listed count, the others come later.
    InProgress,
    /// The whole file is refused.
    Refused,
}
