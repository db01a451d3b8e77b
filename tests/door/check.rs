//! `yichong door check`: what it says of keys and of the door for agreements, beside what it says of the way there.
//!
//! Shown to turn red, each tried by hand and taken back: a key of ours taken for the bank's, an end in nine days not
//! mentioned.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use yichong::gateways::door::check::Finding;
use yichong::jobs::doors;

use crate::support::children::{self, End};
use crate::support::{Place, Site, block_on};

/// Runs a tool in a folder.
fn run(folder: &Path, tool: &str, words: &[&str]) {
    let home = folder.join(".gnupg");
    fs::create_dir_all(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    let said = Command::new(tool).args(words).current_dir(folder).env("GNUPGHOME", home).output().unwrap();
    assert!(said.status.success(), "{tool} {words:?}: {}", String::from_utf8_lossy(&said.stderr));
}

/// A key for each side of a layer, in files of a folder.
fn envelope_keys(folder: &Path) {
    for (name, days) in [("own", "0"), ("bank", "9d")] {
        let quick = ["--batch", "--passphrase", "", "--faked-system-time", "20260301T000000!", "--quick-gen-key"];
        run(folder, "gpg", &[&quick[..], &[name, "rsa2048", "sign,cert", days]].concat());
        let mut list = Command::new("gpg");
        list.args(["--with-colons", "--list-keys", name]).env("GNUPGHOME", folder.join(".gnupg"));
        let listed = String::from_utf8(list.output().unwrap().stdout).unwrap();
        let print = listed.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).unwrap().trim_end_matches(':');
        let sub = [&quick[..5], &["--quick-add-key", print, "rsa2048", "encrypt", days]].concat();
        run(folder, "gpg", &sub);
        run(
            folder,
            "gpg",
            &["--batch", "--passphrase", "", "-o", &format!("{name}.sec"), "--export-secret-keys", name],
        );
        run(folder, "gpg", &["--batch", "-o", &format!("{name}.pub"), "--export", name]);
        fs::set_permissions(folder.join(format!("{name}.sec")), fs::Permissions::from_mode(0o600)).unwrap();
    }
}

const DOOR: &str = "agreements = { out = \"pipe-agreements\", answers = [\"pipe-agreements-answer\"], \
    out_folder = \"exchange/signed/out\", into_folder = \"exchange/signed/in\" }
[bank.door]\nenvelope_out = [\"gzip\", \"openpgp\"]\nenvelope_in = [\"openpgp\"]
[bank.door.keys]\nown = [\"gpg/own.sec\"]\nbank = [\"gpg/bank.pub\"]\n";

/// A site whose bank signs, seals in OpenPGP, and has a door of its own for agreements.
async fn site() -> Site {
    let mut site = Site::with(Place::sqlite(), "", &["AIPG"]).await;
    let gpg = site.folder().join("gpg");
    fs::create_dir(&gpg).unwrap();
    envelope_keys(&gpg);
    for name in ["out", "in"] {
        fs::create_dir_all(site.folder().join("exchange/signed").join(name)).unwrap();
    }
    let text = fs::read_to_string(site.config()).unwrap();
    let text = text.replacen("[bank.params]\n", &format!("{DOOR}[bank.params]\nbank_code = \"JS\"\n"), 1);
    fs::write(site.config(), text).unwrap();
    site.app.db.close().await;
    site.app = yichong::jobs::App::open(&site.config(), site.app.clock).await.unwrap();
    site
}

fn said(site: &Site) -> Vec<Finding> {
    doors::check(&site.app, site.app.bank("AIPG").unwrap())
}

fn find<'a>(found: &'a [Finding], what: &str) -> &'a Finding {
    found.iter().find(|finding| finding.what.contains(what)).unwrap_or_else(|| panic!("{what} in {found:#?}"))
}

#[test]
fn keys_and_the_agreements_door_are_tried() {
    block_on(async {
        let mut site = site().await;
        let found = said(&site);
        assert!(found.iter().all(|finding| finding.right != Some(false)), "{found:#?}");
        for (what, words) in [
            ("envelope openpgp: to the bank", "encrypted to the bank's first key"),
            ("envelope openpgp: our key", "what is encrypted to it opens"),
            ("signature rsa-sha1: our key", "a probe was signed"),
            ("signature rsa-sha1: the bank's key", "by telephone"),
            ("agreements, out ", "files"),
            ("agreements, into ", "files"),
        ] {
            let finding = find(&found, what);
            assert!(finding.right == Some(true) && finding.said.contains(words), "{finding:?}");
        }
        // Made on the first of March, for nine days.
        let soon = find(&found, "envelope openpgp: the bank's key");
        assert!(soon.right.is_none() && soon.said.contains("it ends on 2026-03-10: agree on a new one"), "{soon:?}");
        site.clock("2026-03-12T10:00:00");
        let found = said(&site);
        for what in ["envelope openpgp: to the bank", "envelope openpgp: the bank's key"] {
            let finding = find(&found, what);
            assert!(finding.right == Some(false) && finding.said.contains("ask the bank for a new one"), "{finding:?}");
        }
        assert_eq!(find(&found, "envelope openpgp: our key").right, Some(true));
    });
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    block_on(async {
        let site = site().await;
        let (keys, config) = (site.folder().join("keys-bank"), site.config());
        fs::copy(keys.join("own.pub"), keys.join("bank.pub")).unwrap();
        let found = said(&site);
        let other = find(&found, "signature rsa-sha1: the bank's key");
        assert!(other.right == Some(false) && other.said.contains("the other half of our own key"), "{other:?}");
        fs::set_permissions(keys.join("own"), fs::Permissions::from_mode(0o644)).unwrap();
        fs::remove_dir(site.folder().join("exchange/signed/in")).unwrap();
        let found = said(&site);
        let open = find(&found, "signature rsa-sha1: our key");
        assert!(
            open.right == Some(false) && open.said.contains("mode 644") && open.said.contains("chmod 600"),
            "{open:?}"
        );
        let gone = find(&found, "agreements, into ");
        assert!(gone.right == Some(false) && gone.said.contains("is not there"), "{gone:?}");
        fs::write(site.folder().join("gpg/own.sec"), "no key").unwrap();
        let found = said(&site);
        assert_eq!(find(&found, "envelope openpgp: our key").right, Some(false), "{found:#?}");
        site.app.db.close().await;
        // The table says it all, the exit code is the first failure's.
        let check = children::command(&config, "2026-03-02T10:00:00", &["door", "check", "AIPG"], None);
        let End::Exit(code, words) = children::run(check) else { panic!("killed") };
        assert_eq!(code, 3, "{words}");
        assert!(words.contains("signature rsa-sha1: our key") && words.contains("own.sec"), "{words}");
    });
}
