//! `openpgp` against gpg.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

const PGP: &[Layer] = &[Layer::Openpgp];

/// A home of gpg; its agent ends with it.
struct Home(PathBuf);

impl Home {
    fn new(case: &Case) -> Home {
        let home = case.path("gnupg");
        fs::create_dir(&home).unwrap();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        Home(home)
    }

    fn gpg(&self, words: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(&self.0).args(["--batch", "--quiet", "--trust-model", "always"]);
        command.args(["--pinentry-mode", "loopback", "--passphrase", "", "--status-fd", "2"]).args(words);
        // A file, not a pipe: nobody waits for the other to read.
        let path = self.0.join("input");
        fs::write(&path, input).unwrap();
        command.stdin(fs::File::open(path).unwrap()).output().unwrap()
    }

    fn well(&self, words: &[&str], input: &[u8]) -> Vec<u8> {
        let said = self.gpg(words, input);
        assert!(said.status.success(), "gpg {words:?}: {}", String::from_utf8_lossy(&said.stderr));
        said.stdout
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(&self.0).args(["--kill", "all"]).status();
    }
}

fn keys() -> (Case, Home) {
    let mut case = Case::new();
    let home = Home::new(&case);
    for name in ["own", "bank", "stranger"] {
        home.well(&["--quick-gen-key", name, "future-default", "default", "never"], b"");
        fs::write(case.path(name), home.well(&["--armor", "--export-secret-keys", name], b"")).unwrap();
        fs::set_permissions(case.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(case.path(&format!("{name}.pub")), home.well(&["--export", name], b"")).unwrap();
    }
    case.keys = Keys { own: vec![case.path("own")], passphrase_file: None, bank: vec![case.path("bank.pub")] };
    case.now = DateTime::from_timestamp(4_000_000_000, 0).unwrap();
    (case, home)
}

#[test]
fn gpg_and_we_read_each_other() {
    let (mut case, home) = keys();
    let sealed = case.seal(PGP, "a", &text());
    let said = home.gpg(&["--decrypt"], &sealed);
    let words = String::from_utf8_lossy(&said.stderr);
    assert!(said.stdout == text() && words.contains("GOODSIG") && words.contains(" own"), "{words}");
    let from = |user: &str, more: &[&str]| {
        let words = [&["--encrypt", "-r", "own"][..], &["-u", user], more].concat();
        home.well(&words, &text())
    };
    for more in [&["--sign"][..], &["--sign", "--armor"], &["--sign", "--compress-algo", "zlib"]] {
        assert!(case.open(PGP, &from("bank", more)).unwrap() == text(), "{more:?}");
    }
    assert!(case.open(PGP, &from("bank", &[])).unwrap_err().contains("not signed"));
    assert!(case.open(PGP, &from("stranger", &["--sign"])).unwrap_err().contains("bank.pub"));
    let to_bank = home.well(&["--encrypt", "--sign", "-u", "bank", "-r", "bank"], &text());
    assert!(case.open(PGP, &to_bank).unwrap_err().contains("our present key"));
    let clear = home.well(&["--sign", "-u", "bank"], &text());
    assert!(case.open(PGP, &clear).unwrap_err().contains("not encrypted"));
    // While the bank changes its key both are good; a key others may read is not used.
    case.keys.bank.push(case.path("stranger.pub"));
    assert!(case.open(PGP, &from("stranger", &["--sign"])).is_ok());
    fs::set_permissions(case.path("own"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(case.open(PGP, &sealed).unwrap_err().contains("644"));
}

#[test]
fn one_byte_changed_or_missing_is_refused() {
    let (case, home) = keys();
    let sealed = home.well(&["--encrypt", "--sign", "-u", "bank", "-r", "own", "--compress-algo", "none"], &text());
    for at in [sealed.len() / 3, sealed.len() / 2, sealed.len() - 30] {
        let mut wrong = sealed.clone();
        wrong[at] ^= 1;
        assert!(case.open(PGP, &wrong).is_err(), "byte {at}");
    }
    assert!(case.open(PGP, &sealed[..sealed.len() - 1]).is_err());
    assert!(case.open(PGP, &sealed[..sealed.len() / 2]).is_err());
}

#[test]
fn a_key_that_has_run_out_is_not_used() {
    let (mut case, home) = keys();
    home.well(&["--quick-gen-key", "old", "future-default", "default", "1d"], b"");
    fs::write(case.path("old.pub"), home.well(&["--export", "old"], b"")).unwrap();
    case.keys.bank = vec![case.path("old.pub")];
    let refused = case.envelope(PGP).seal("a", &text()[..]).unwrap_err().to_string();
    assert!(refused.contains("old.pub") && refused.contains("ask the bank for a new one"), "{refused}");
    let signed = home.well(&["--encrypt", "--sign", "-u", "old", "-r", "own"], &text());
    assert!(case.open(PGP, &signed).unwrap_err().contains("good today"));
}
