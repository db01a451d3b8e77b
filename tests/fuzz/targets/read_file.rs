//! Any bytes as a file of any shipped format, through every reader its message has: no panic, bounded memory and time.
//! What is read once is read the same a second time.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use yichong_core::formats::records::{AnswerFacts, FileError, Params};
use yichong_core::formats::{AnswerReader, Catalogue, Format, Message, RecordReader, StatementReader};

static SHIPPED: LazyLock<Catalogue> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../formats");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let texts: Vec<_> = files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect();
    Catalogue::load(texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap()
});

fuzz_target!(|file: &[u8]| SHIPPED.iter().for_each(|format| through(format, file)));

/// Most files are of no other format and stop at their first line.
fn through(format: &Format, file: &[u8]) {
    let params = Params::new();
    let name = "JS20240901.PKJG";
    match format.message() {
        Message::Answer => {
            let first = answers(format, name, file);
            assert_eq!(first, answers(format, name, file));
        }
        Message::Statement => {
            let read = || -> Result<_, _> {
                let mut reader = StatementReader::open(format, &params, name, file)?;
                while reader.next_row()?.is_some() {}
                reader.finish()
            };
            assert_eq!(read(), read());
        }
        _ => {}
    }
    let mut reader = RecordReader::open(format, &params, name, file);
    while let Ok(Some(section)) = reader.next_section() {
        assert!(section.line > 0);
    }
}

fn answers(format: &Format, name: &str, file: &[u8]) -> Result<AnswerFacts, FileError> {
    let mut reader = AnswerReader::open(format, &Params::new(), name, file)?;
    let mut rows = 0_u64;
    while reader.next_row()?.is_some() {
        rows += 1;
    }
    let facts = reader.finish()?;
    assert_eq!(rows, facts.rows.count);
    Ok(facts)
}
