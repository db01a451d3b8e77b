//! Envelopes against other people's tools: gzip, unzip, gpg and openssl open what we seal and seal what we open.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::*;

mod national;
mod privacy;

/// A folder with keys in it, and an envelope over it.
struct Case {
    folder: tempfile::TempDir,
    keys: Keys,
    now: DateTime<Utc>,
}

impl Case {
    fn new() -> Case {
        let folder = tempfile::tempdir().unwrap();
        Case { folder, keys: Keys::default(), now: "2026-11-20T14:00:00Z".parse().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn envelope<'a>(&'a self, layers: &'a [Layer]) -> Envelope<'a> {
        Envelope { layers, keys: &self.keys, bytes_max: 8 << 20, work: self.folder.path(), now: self.now }
    }

    fn seal(&self, layers: &[Layer], name: &str, clear: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        self.envelope(layers).seal(name, clear).unwrap().read_to_end(&mut sealed).unwrap();
        sealed
    }

    fn open(&self, layers: &[Layer], sealed: &[u8]) -> Result<Vec<u8>, String> {
        let mut clear = Vec::new();
        let mut file = self.envelope(layers).open(sealed).map_err(|e| e.to_string())?;
        file.read_to_end(&mut clear).unwrap();
        Ok(clear)
    }
}

fn run(command: &mut Command) -> Output {
    let said = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; ./check installs it"));
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said.stderr));
    said
}

fn text() -> Vec<u8> {
    (0..20_000).flat_map(|n| format!("{n:06}|6226090000000{n:05}|5000\n").into_bytes()).collect()
}

#[test]
fn names_gain_and_lose_their_endings() {
    let layers = [Layer::Gzip, Layer::Openpgp];
    assert_eq!(outer_name(&layers, "DK1.txt"), "DK1.txt.gz.pgp");
    assert_eq!(inner_name(&layers, "DK1.txt.gz.gpg"), "DK1.txt");
    assert_eq!(inner_name(&[Layer::Zip], "DK1.txt"), "DK1.txt", "a bank that adds nothing");
    assert_eq!(words(&layers), "gzip openpgp");
}

#[test]
fn gzip_and_we_read_each_other() {
    let case = Case::new();
    let sealed = case.seal(&[Layer::Gzip], "a.txt", &text());
    assert_eq!(sealed, case.seal(&[Layer::Gzip], "b.txt", &text()), "the same bytes come out the same");
    fs::write(case.path("a.gz"), &sealed).unwrap();
    assert!(run(Command::new("gzip").arg("-dc").arg(case.path("a.gz"))).stdout == text());
    fs::write(case.path("b"), text()).unwrap();
    let theirs = run(Command::new("gzip").arg("-c").arg(case.path("b"))).stdout;
    assert!(case.open(&[Layer::Gzip], &theirs).unwrap() == text());
    let cut = case.open(&[Layer::Gzip], &theirs[..theirs.len() - 9]).unwrap_err();
    assert!(cut.starts_with("envelope gzip"), "{cut}");
    assert!(case.open(&[Layer::Gzip], &[&theirs[..], b"more"].concat()).is_err(), "something behind it");
    assert!(case.open(&[Layer::Gzip], b"plain").is_err());
}

#[test]
fn a_bomb_is_defused() {
    let case = Case::new();
    // 6 MiB of zeros are six kilobytes: inside the limit of bytes, beyond every honest ratio.
    let zeros = vec![0_u8; 6 << 20];
    for layer in [Layer::Gzip, Layer::Zip] {
        let said = case.open(&[layer], &case.seal(&[layer], "a", &zeros)).unwrap_err();
        assert!(said.contains("250 times"), "{said}");
    }
    let long: Vec<u8> = (0..3_000_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let said = case.open(&[Layer::Gzip], &case.seal(&[Layer::Gzip], "a", &long)).unwrap_err();
    assert!(said.contains("envelope_bytes_max"), "{said}");
    // One inside the other.
    let twice = [Layer::Gzip, Layer::Zip];
    assert!(case.open(&twice, &case.seal(&twice, "a", &zeros)).is_err());
}

#[test]
fn unzip_and_we_read_each_other_and_one_entry_is_all() {
    let case = Case::new();
    let sealed = case.seal(&[Layer::Zip], "DK1.txt", &text());
    fs::write(case.path("a.zip"), &sealed).unwrap();
    assert!(run(Command::new("unzip").args(["-p"]).arg(case.path("a.zip")).arg("DK1.txt")).stdout == text());
    // Made by another library.
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n\
                  import warnings; warnings.simplefilter('ignore')\n\
                  [z.writestr(name, 'x' * 99) for name in sys.argv[2:]]\nz.close()";
    let theirs = |names: &[&str]| {
        run(Command::new("python3").args(["-c", script]).arg(case.path("b.zip")).args(names));
        case.open(&[Layer::Zip], &fs::read(case.path("b.zip")).unwrap())
    };
    assert!(theirs(&["回盘.txt"]).unwrap() == vec![b'x'; 99]);
    for names in [&["a", "b"][..], &["a", "a"], &["../a"], &["/etc/passwd"], &["a\\b"], &["a/"], &["c:x"], &[]] {
        assert!(theirs(names).is_err(), "{names:?}");
    }
    assert!(case.open(&[Layer::Zip], &sealed[..sealed.len() - 30]).is_err());
}
