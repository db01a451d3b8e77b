//! The folders two parties exchange files through: `out/` from us, `in/` to us, and the partner's own desk
//! beside them, which neither the engine nor its crash can touch.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Files hold cards and names: for the owner only.
const PRIVATE: u32 = 0o600;

/// The three folders of one partner.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// From us to the partner.
    pub outgoing: PathBuf,
    /// From the partner to us.
    pub incoming: PathBuf,
    /// The partner's own.
    pub desk: PathBuf,
}

impl Exchange {
    /// Opens the folders, making what is missing.
    pub fn open(root: &Path, desk: &str) -> io::Result<Exchange> {
        let exchange = Exchange { outgoing: root.join("out"), incoming: root.join("in"), desk: root.join(desk) };
        for folder in [&exchange.outgoing, &exchange.incoming, &exchange.desk] {
            fs::create_dir_all(folder)?;
        }
        Ok(exchange)
    }

    /// Names of the finished files waiting in `out/`, in order of name.
    pub fn waiting(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.outgoing)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_file() && is_final(&name) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// The bytes of a waiting file.
    pub fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.outgoing.join(name))
    }

    /// Takes a waiting file away.
    pub fn take_away(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.outgoing.join(name))
    }

    /// Gives a file to us: written under a temporary name, then renamed.
    pub fn deliver(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        write_whole(&self.incoming, name, bytes)
    }
}

/// A name the writer has finished with.
pub fn is_final(name: &str) -> bool {
    !name.starts_with('.') && !name.ends_with(".tmp")
}

/// Writes a file so that no reader ever sees a part of it.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = folder.join(format!(".{name}.tmp"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(&temporary)?;
    file.write_all(bytes)?;
    drop(file);
    fs::rename(temporary, folder.join(name))
}

/// Adds text to the end of a file.
pub fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(PRIVATE).open(path)?;
    file.write_all(text.as_bytes())
}

/// The lines of a file; none where there is no file. A last line without its end was never finished and is cut off.
pub fn read_lines(path: &Path) -> io::Result<Vec<String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    if whole.len() < text.len() {
        OpenOptions::new().write(true).open(path)?.set_len(whole.len() as u64)?;
    }
    Ok(whole.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_finished_names_are_taken_and_files_are_private() {
        let root = tempfile::tempdir().unwrap();
        let exchange = Exchange::open(root.path(), "bank").unwrap();
        for name in ["b.csv", "a.csv", "c.csv.tmp", ".d.csv"] {
            fs::write(exchange.outgoing.join(name), "x").unwrap();
        }
        fs::create_dir(exchange.outgoing.join("folder")).unwrap();
        assert_eq!(exchange.waiting().unwrap(), ["a.csv", "b.csv"]);
        exchange.take_away("a.csv").unwrap();
        assert_eq!(exchange.waiting().unwrap(), ["b.csv"]);
        exchange.deliver("answer.csv", b"ok").unwrap();
        let made = fs::metadata(exchange.incoming.join("answer.csv")).unwrap();
        assert_eq!(made.permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&exchange.incoming).unwrap().count(), 1);
    }

    #[test]
    fn an_unfinished_last_line_is_cut_off() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("truth.jsonl");
        assert!(read_lines(&path).unwrap().is_empty());
        append(&path, "one\ntwo\nthr").unwrap();
        assert_eq!(read_lines(&path).unwrap(), ["one", "two"]);
        append(&path, "four\n").unwrap();
        assert_eq!(read_lines(&path).unwrap(), ["one", "two", "four"]);
    }
}
