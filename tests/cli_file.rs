//! `yichong file …` and the simulators as people run them: the real program on small files. Places were
//! counted by hand.

mod compare;
mod convert;
mod documents;
mod look;
mod play;
mod sheet;
mod swift;
mod wrong;

use std::path::{Path, PathBuf};
use std::process::Command;

use encoding_rs::GBK;
use tempfile::TempDir;

/// What the program said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }

    /// The exit code and what was printed, with the file's path left out.
    fn report(&self, path: &Path) -> (i32, String) {
        assert_eq!(self.err, "");
        (self.code.unwrap(), self.out.replace(&path.display().to_string(), "FILE"))
    }
}

/// Runs the program far from any site.
fn yichong(args: &[&str]) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_yichong")).args(args).current_dir(folder.path()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: program.status.code(), out: text(program.stdout), err: text(program.stderr) }
}

fn file(command: &str, path: &Path, more: &[&str]) -> Said {
    yichong(&[&["file", command, path.to_str().unwrap()], more].concat())
}

/// A file of `tests/cli_file`.
fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli_file").join(name)
}

/// The banks' samples, where they lie beside the repository.
fn bank_sample(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bank-samples").join(name);
    if !path.exists() {
        eprintln!("{name}: the banks' samples do not lie beside the repository; this part is left out");
        return None;
    }
    Some(path)
}

/// A file in a folder of its own.
fn written(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn gbk(text: &str) -> Vec<u8> {
    let (bytes, _, lost) = GBK.encode(text);
    assert!(!lost);
    bytes.into_owned()
}

/// Nobody's card, ID, phone or name is printed whole.
fn shows_nobody(text: &str) {
    for secret in
        ["6221558812340000", "6226090000000048", "341126197709218366", "13552535506", "测试甲", "测试乙", "测试丙"]
    {
        assert!(!text.contains(secret), "{secret} is shown: {text}");
    }
}
