//! Signatures against openssl: it makes the keys, signs what we check, and checks what we sign.
//!
//! Shown to turn red, each tried by hand and taken back: the other hash's `DigestInfo`, Z without the identity, r and s
//! in the other order, a certificate's notBefore taken for its end.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::*;

/// GBK: 户名, and what no text holds.
const DOCUMENT: &[u8] = b"<AIPG><INFO/>\xbb\xa7\xc3\xfb\x00\xff</AIPG>";

struct Desk(TempDir);

impl Desk {
    /// A folder with a key and its public half, by openssl.
    fn with(algorithm: &str) -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        for name in ["own", "bank"] {
            desk.key(name, algorithm);
        }
        fs::write(desk.path("document"), DOCUMENT).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn key(&self, name: &str, algorithm: &str) {
        let more = if algorithm == "RSA" { " -pkeyopt rsa_keygen_bits:2048" } else { "" };
        self.openssl(&format!("genpkey -algorithm {algorithm}{more} -out {name}"));
        self.openssl(&format!("pkey -in {name} -pubout -out {name}.pub"));
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn try_openssl(&self, words: &str) -> Output {
        let mut command = Command::new("openssl");
        command.args(words.split(' ')).current_dir(self.0.path()).output().expect("openssl is missing")
    }

    fn openssl(&self, words: &str) {
        let said = self.try_openssl(words);
        assert!(said.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&said.stderr));
    }

    fn settings(&self, algorithm: Algorithm, bank: &[&str]) -> Settings {
        let bank = bank.iter().map(|name| self.path(name)).collect();
        Settings { algorithm, own: Some(self.path("own")), bank, identity: Settings::usual_identity() }
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn signed(settings: &Settings) -> Vec<u8> {
    let key = settings.own().unwrap();
    let mut signing = key.begin();
    DOCUMENT.chunks(5).for_each(|part| signing.update(part));
    signing.sign().unwrap()
}

fn right(settings: &Settings, document: &[u8], signature: &[u8]) -> bool {
    let keys = settings.bank(now()).unwrap();
    let mut checking = keys.begin();
    document.chunks(5).for_each(|part| checking.update(part));
    checking.verify(signature)
}

/// What openssl signs with the bank's key is right, with the document or the signature changed it is not; what we sign
/// openssl finds right.
fn both_ways(desk: &Desk, algorithm: Algorithm, sign: &str, check: &str) {
    let settings = desk.settings(algorithm, &["bank.pub"]);
    desk.openssl(sign);
    let theirs = fs::read(desk.path("theirs")).unwrap();
    assert!(right(&settings, DOCUMENT, &theirs), "{algorithm:?}");
    assert!(!right(&settings, &DOCUMENT[1..], &theirs), "{algorithm:?}");
    for at in [0, theirs.len() / 2, theirs.len() - 1] {
        let mut other = theirs.clone();
        other[at] ^= 1;
        assert!(!right(&settings, DOCUMENT, &other), "{algorithm:?}, byte {at}");
    }
    assert!(!right(&settings, DOCUMENT, &[]) && !right(&settings, DOCUMENT, &theirs[1..]), "{algorithm:?}");
    let ours = signed(&settings);
    assert_eq!(ours, signed(&settings), "{algorithm:?}: the same every time");
    assert!(!right(&settings, DOCUMENT, &ours), "{algorithm:?}: ours is not theirs");
    fs::write(desk.path("ours"), &ours).unwrap();
    desk.openssl(check);
}

#[test]
fn rsa_with_either_hash_is_openssls() {
    let desk = Desk::with("RSA");
    for (algorithm, hash) in [(Algorithm::RsaSha1, "-sha1"), (Algorithm::RsaSha256, "-sha256")] {
        let sign = format!("dgst {hash} -sign bank -out theirs document");
        both_ways(&desk, algorithm, &sign, &format!("dgst {hash} -verify own.pub -signature ours document"));
    }
    // A signature over the other hash is none.
    assert!(!right(&desk.settings(Algorithm::RsaSha1, &["own.pub"]), DOCUMENT, &fs::read(desk.path("ours")).unwrap()));
}

#[test]
fn sm2_is_openssls_and_its_two_ways_of_writing_are_one_signature() {
    let desk = Desk::with("SM2");
    let words = "-rawin -digest sm3 -in document -pkeyopt distid:1234567812345678";
    both_ways(
        &desk,
        Algorithm::Sm2Sm3,
        &format!("pkeyutl -sign -inkey bank -out theirs {words}"),
        &format!("pkeyutl -verify -pubin -inkey own.pub -sigfile ours {words}"),
    );
    let plain = desk.settings(Algorithm::Sm2Sm3Raw, &["own.pub"]);
    let (ours, der) = (signed(&plain), fs::read(desk.path("ours")).unwrap());
    assert_eq!(ours.len(), 64);
    assert!(right(&plain, DOCUMENT, &ours) && !right(&plain, DOCUMENT, &der));
    // Another identity is another signer.
    let mut other = plain.clone();
    other.identity = "a bank".into();
    assert!(!right(&other, DOCUMENT, &ours));
    desk.openssl(&format!("pkeyutl -sign -inkey own -out theirs {}", words.replace("1234567812345678", "a_bank")));
    let der = desk.settings(Algorithm::Sm2Sm3, &["own.pub"]);
    let named = Settings { identity: "a_bank".into(), ..der };
    assert!(right(&named, DOCUMENT, &fs::read(desk.path("theirs")).unwrap()));
}

#[test]
fn keys_come_in_every_usual_file_and_a_certificate_ends() {
    let desk = Desk::with("RSA");
    desk.openssl("req -x509 -key bank -days 30 -subj /C=CN/O=bank/CN=signer -out bank.cer");
    desk.openssl("x509 -in bank.cer -outform DER -out bank.der");
    desk.openssl("rsa -in own -traditional -out old");
    desk.openssl("pkcs12 -export -inkey bank -in bank.cer -passout pass:x -out own.pfx");
    desk.openssl("pkey -in own -outform DER -out own.der");
    desk.openssl("pkey -in own -aes256 -passout pass:x -out locked");
    desk.openssl("dgst -sha256 -sign bank -out theirs document");
    for name in ["old", "own.pfx", "own.der", "locked"] {
        fs::set_permissions(desk.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let theirs = fs::read(desk.path("theirs")).unwrap();
    let today = crate::clock::Clock::System.now();
    let check = |settings: &Settings, at| {
        settings.bank(at).map(|keys| {
            let mut checking = keys.begin();
            checking.update(DOCUMENT);
            checking.verify(&theirs)
        })
    };
    for file in ["bank.cer", "bank.der", "bank.pub"] {
        assert!(check(&desk.settings(Algorithm::RsaSha256, &[file]), today).unwrap(), "{file}");
    }
    // The old key and the new one, while they are changed.
    assert!(check(&desk.settings(Algorithm::RsaSha256, &["own.pub", "bank.cer"]), today).unwrap());
    let later = today + chrono::Duration::days(31);
    let end = check(&desk.settings(Algorithm::RsaSha256, &["bank.cer"]), later).unwrap_err().to_string();
    assert!(end.contains("bank.cer: it ended on ") && end.contains("ask the bank"), "{end}");
    assert!(!check(&desk.settings(Algorithm::RsaSha256, &["bank.cer", "own.pub"]), later).unwrap());
    let mut settings = desk.settings(Algorithm::RsaSha256, &["bank.pub"]);
    let ours = signed(&settings);
    for file in ["old", "own.der"] {
        settings.own = Some(desk.path(file));
        assert!(signed(&settings) == ours, "{file}");
    }
    for (file, words) in
        [("locked", "passphrase"), ("own.pfx", "openssl pkcs12"), ("bank.cer", "mode 644"), ("nothing", "No such file")]
    {
        settings.own = Some(desk.path(file));
        let said = settings.own().unwrap_err().to_string();
        assert!(said.starts_with("signature rsa-sha256: ") && said.contains(file) && said.contains(words), "{said}");
    }
}

#[test]
fn what_is_no_key_is_refused_in_words() {
    let desk = Desk::with("RSA");
    desk.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:768 -out short");
    desk.openssl("pkey -in short -pubout -out short.pub");
    desk.key("sm", "SM2");
    fs::write(desk.path("cut"), "-----BEGIN PUBLIC KEY-----\nMIIB").unwrap();
    fs::write(desk.path("nothing"), "").unwrap();
    for (file, words) in [
        ("short.pub", "768 bits"),
        ("sm.pub", "no RSA public key"),
        ("cut", "has no end"),
        ("nothing", "no RSA public key"),
        ("document", "no RSA public key"),
        ("bank", "it holds a PRIVATE KEY; a PUBLIC KEY or a CERTIFICATE is wanted"),
    ] {
        let said = desk.settings(Algorithm::RsaSha1, &[file]).bank(now()).err().unwrap().to_string();
        assert!(said.contains(words), "{file}: {said}");
    }
    assert!(desk.settings(Algorithm::Sm2Sm3, &["bank.pub"]).bank(now()).is_err());
    assert!(desk.settings(Algorithm::Sm2Sm3, &[]).own().is_err(), "an RSA key is no SM2 key");
    let none = desk.settings(Algorithm::RsaSha1, &[]);
    assert!(!none.checks() && none.bank(now()).err().unwrap().to_string().contains("no key of the bank's"));
    // Whatever is cut off a certificate, it is none, and nothing breaks.
    desk.openssl("req -x509 -key bank -days 30 -subj /CN=signer -outform DER -out whole");
    let whole = fs::read(desk.path("whole")).unwrap();
    assert!((0..whole.len()).all(|end| certificate::Certificate::read(&whole[..end]).is_none()));
}

#[test]
fn a_shared_key_is_secret_on_both_sides() {
    let desk = Desk(tempfile::tempdir().unwrap());
    fs::write(desk.path("own"), "a key of the bank\n").unwrap();
    fs::set_permissions(desk.path("own"), fs::Permissions::from_mode(0o600)).unwrap();
    let settings = desk.settings(Algorithm::HmacSha256, &[]);
    assert!(settings.checks());
    let ours = signed(&settings);
    fs::write(desk.path("document"), DOCUMENT).unwrap();
    let said = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", "a key of the bank", "document"])
        .current_dir(desk.0.path())
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.trim_end().ends_with(&hex::encode(&ours)), "{said}");
    assert!(right(&settings, DOCUMENT, &ours) && !right(&settings, &DOCUMENT[1..], &ours));
    fs::set_permissions(desk.path("own"), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(settings.bank(now()).err().unwrap().to_string().contains("mode 640"));
    fs::set_permissions(desk.path("own"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(desk.path("own"), "\n").unwrap();
    assert!(settings.own().unwrap_err().to_string().contains("empty"));
}
