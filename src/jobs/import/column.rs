//! One column a file may have: its titles, whether it must be there, whether its values are somebody's secret.

/// A column of ours in a rejects file; it may come back and says nothing.
pub const IGNORED: &str = "问题";

/// One column a file may have.
#[derive(Debug)]
pub struct Column {
    /// Accepted titles, the one to show first.
    pub titles: &'static [&'static str],
    /// The file must have it, and every row a value.
    pub required: bool,
    /// Card, ID number or phone: masked wherever it is shown.
    pub secret: bool,
}

impl Column {
    /// A column every row must have.
    pub const fn needed(titles: &'static [&'static str]) -> Column {
        Column { titles, required: true, secret: false }
    }

    /// A column a file may leave out.
    pub const fn optional(titles: &'static [&'static str]) -> Column {
        Column { titles, required: false, secret: false }
    }

    /// The same, masked wherever it is shown.
    pub const fn secret(self) -> Column {
        Column { secret: true, ..self }
    }

    /// What to call it.
    pub fn title(&self) -> &'static str {
        self.titles.first().copied().unwrap_or_default()
    }
}
