//! All formats of a house: by name, and by what a file looks like.

use super::fault::FormatError;
use super::format::Format;
use super::record_reader::RecordReader;
use super::records::Params;

/// Every format, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    formats: Vec<Format>,
}

/// A format that a file may be of.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'c> {
    /// The format.
    pub format: &'c Format,
    /// The file's name is one of the format.
    pub by_name: bool,
    /// Its first lines can be read.
    pub by_content: bool,
}

impl Catalogue {
    /// Loads formats from (file name, TOML text); a name may stand once.
    pub fn load<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Catalogue, FormatError> {
        let mut formats: Vec<Format> = Vec::new();
        for (file, text) in files {
            let format = Format::parse(file, text)?;
            if formats.iter().any(|known| known.name() == format.name()) {
                let problem = format!("a format `{}` is already there; each has its own name", format.name());
                return Err(FormatError { file: file.to_owned(), line: 1, column: 1, problem });
            }
            formats.push(format);
        }
        formats.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(Catalogue { formats })
    }

    /// The format of a name.
    pub fn get(&self, name: &str) -> Option<&Format> {
        self.formats.binary_search_by(|format| format.name().cmp(name)).ok().map(|found| &self.formats[found])
    }

    /// Every format, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Format> {
        self.formats.iter()
    }

    /// How many bytes of a file decide its format, by its first ones: 64 KiB, but the whole of a workbook.
    pub fn beginning(first_bytes: &[u8]) -> usize {
        if first_bytes.starts_with(b"PK") { crate::workbook::LARGEST + 1 } else { 64 * 1024 }
    }

    /// The formats a file may be of, best first: name and content, then content, then name alone. `first_bytes` is the
    /// file's beginning: as many as [`Catalogue::beginning`] says, or all of it.
    pub fn recognise(&self, file_name: &str, first_bytes: &[u8]) -> Vec<Candidate<'_>> {
        let any = Params::new();
        let mut found: Vec<(Candidate<'_>, usize)> = Vec::new();
        for format in &self.formats {
            let by_name = !format.template.says_nothing() && format.name_facts(file_name, &any).is_some();
            let lines = readable(format, file_name, first_bytes);
            let by_content = lines > 0;
            if by_name || by_content {
                found.push((Candidate { format, by_name, by_content }, lines));
            }
        }
        // The content first: a name is quickly changed. Among equals the name that says more.
        found.sort_by_key(|(candidate, lines)| {
            let Candidate { format, by_name, by_content } = *candidate;
            std::cmp::Reverse((by_content, by_name, format.template.plain_chars(), *lines))
        });
        found.into_iter().map(|(candidate, _)| candidate).collect()
    }
}

/// How many lines of a file's beginning can be read; 0 if the first ones cannot.
fn readable(format: &Format, file_name: &str, first_bytes: &[u8]) -> usize {
    const ENOUGH: usize = 8;
    let mut reader = RecordReader::open(format, &Params::new(), file_name, first_bytes);
    let mut lines = 0;
    while lines < ENOUGH {
        match reader.next_section() {
            Ok(Some(_)) => lines += 1,
            Ok(None) => return lines,
            // The beginning may stop within a line; what was read before counts, if it is more than a head.
            Err(_) => return if lines > format.heads.len() + usize::from(format.titles) { lines } else { 0 },
        }
    }
    lines
}
