//! `[bank.door]`: how a bank takes and leaves files. The defaults are two plain folders without any ceremony.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::names::Template;
use crate::envelope::{Keys, Layer};

/// What stands behind a bank's `out` and `into`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Folders of this machine.
    #[default]
    Folder,
    /// Folders of the bank's server.
    Sftp,
}

/// Old algorithms an old server may need; none is used unless it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Legacy {
    /// Key exchange over SHA-1, 2048 bit.
    #[serde(rename = "diffie-hellman-group14-sha1")]
    Group14Sha1,
    /// Key exchange over SHA-1, 1024 bit.
    #[serde(rename = "diffie-hellman-group1-sha1")]
    Group1Sha1,
    /// Key exchange over SHA-1, the server's group.
    #[serde(rename = "diffie-hellman-group-exchange-sha1")]
    GexSha1,
    /// RSA host and user keys that sign over SHA-1.
    #[serde(rename = "ssh-rsa")]
    SshRsa,
    /// Checksums over SHA-1.
    #[serde(rename = "hmac-sha1")]
    HmacSha1,
    /// AES-128 in CBC mode.
    #[serde(rename = "aes128-cbc")]
    Aes128Cbc,
    /// AES-256 in CBC mode.
    #[serde(rename = "aes256-cbc")]
    Aes256Cbc,
}

/// `[bank.door]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Folder or SFTP.
    pub kind: Kind,
    /// SFTP: name or address of the server.
    pub host: String,
    /// SFTP: its port.
    pub port: u16,
    /// SFTP: who we are there.
    pub user: String,
    /// SFTP: a file that holds the password.
    pub password_file: Option<PathBuf>,
    /// SFTP: our private key, OpenSSH or PEM.
    pub key_file: Option<PathBuf>,
    /// SFTP: a file that holds the key's passphrase.
    pub passphrase_file: Option<PathBuf>,
    /// SFTP: the server's fingerprints, `SHA256:…` as `ssh-keygen -lf` prints them. A second one for a change of keys.
    pub host_keys: Vec<String>,
    /// SFTP: old algorithms this server needs.
    pub legacy: Vec<Legacy>,
    /// Seconds until a connection must stand.
    pub connect_seconds: u64,
    /// Seconds until one operation (a name, 64 KiB) must be done.
    pub operation_seconds: u64,
    /// Seconds of silence after which the server is asked whether it is still there.
    pub idle_seconds: u64,
    /// How often something is tried that cannot have happened, or whose outcome can be asked for.
    pub tries: u32,
    /// Seconds before the second try; twice as many before each one after it.
    pub backoff_seconds: u64,
    /// Which incoming names are ours (`*`, `?`); none: all. Others stay there and are reported.
    pub names: Vec<String>,
    /// Our name for a file that is not complete yet.
    pub temporary: Template,
    /// The empty or small file we lay beside a file that is complete.
    pub marker_out: Option<Template>,
    /// What stands in it: {name}, {bytes}, {sha256}.
    pub marker_text: String,
    /// The file that must lie beside an incoming one before we read it.
    pub marker_in: Option<Template>,
    /// Seconds between two looks at an incoming file; 0: one look, and reading it twice.
    pub settle_seconds: u64,
    /// Where taken files go; none: they are removed.
    pub done: Option<PathBuf>,
    /// The name of the bank's receipt for a file we sent.
    pub receipt: Option<Template>,
    /// Layers around our files, in the order they are put on.
    pub envelope_out: Vec<Layer>,
    /// Layers around theirs, in the order the bank puts them on.
    pub envelope_in: Vec<Layer>,
    /// What is in an envelope of theirs may not be longer.
    pub envelope_bytes_max: u64,
    /// Keys of the layers `openpgp` and `sm`.
    pub keys: Keys,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            kind: Kind::Folder,
            host: String::new(),
            port: 22,
            user: String::new(),
            password_file: None,
            key_file: None,
            passphrase_file: None,
            host_keys: Vec::new(),
            legacy: Vec::new(),
            connect_seconds: 15,
            operation_seconds: 60,
            idle_seconds: 30,
            tries: 3,
            backoff_seconds: 2,
            names: Vec::new(),
            temporary: temporary(),
            marker_out: None,
            marker_text: String::new(),
            marker_in: None,
            settle_seconds: 0,
            done: None,
            receipt: None,
            envelope_out: Vec::new(),
            envelope_in: Vec::new(),
            envelope_bytes_max: 2 << 30,
            keys: Keys::default(),
        }
    }
}

fn temporary() -> Template {
    // The text is right; were it not, every test of a door would say so.
    Template::parse(".{name}.tmp").unwrap_or_else(|why| unreachable!("{why}"))
}

impl Settings {
    /// Refuses what does not fit together, in words that name the key.
    pub fn check(&self) -> Result<(), String> {
        if self.tries == 0 || self.connect_seconds == 0 || self.operation_seconds == 0 || self.idle_seconds == 0 {
            return Err("door: tries, connect_seconds, operation_seconds and idle_seconds are at least 1".to_owned());
        }
        let mut layers = self.envelope_out.iter().chain(&self.envelope_in);
        if layers.any(|layer| layer.keyed()) && (self.keys.own.is_empty() || self.keys.bank.is_empty()) {
            return Err("door: the layers openpgp and sm need [bank.door.keys] own and bank".to_owned());
        }
        if self.kind == Kind::Folder {
            let set = !self.host.is_empty() || !self.user.is_empty() || !self.host_keys.is_empty();
            let secret = self.password_file.is_some() || self.key_file.is_some() || self.passphrase_file.is_some();
            let words = "door: host, user, host_keys and secrets belong to kind = \"sftp\"";
            return if set || secret { Err(words.to_owned()) } else { Ok(()) };
        }
        if self.host.is_empty() || self.user.is_empty() {
            return Err("door: kind = \"sftp\" needs host and user".to_owned());
        }
        if self.password_file.is_some() == self.key_file.is_some() {
            return Err("door: write either key_file or password_file: one way in".to_owned());
        }
        if self.passphrase_file.is_some() && self.key_file.is_none() {
            return Err("door: passphrase_file opens a key_file, and there is none".to_owned());
        }
        if self.host_keys.is_empty() {
            let how = "ask the bank for it and compare with `ssh-keyscan HOST | ssh-keygen -lf -`";
            return Err(format!("door: host_keys is empty, so anybody could answer as the bank; {how}"));
        }
        let known = |key: &&String| key.strip_prefix("SHA256:").is_none_or(|rest| rest.len() != 43);
        match self.host_keys.iter().find(known) {
            Some(key) => Err(format!("door: host key `{key}` is not SHA256: and 43 characters")),
            None => Ok(()),
        }
    }

    /// Makes the files of this machine absolute; folders of a bank's server stay as they are.
    pub fn settle(&mut self, folder: &Path) {
        let secrets = [&mut self.password_file, &mut self.key_file, &mut self.passphrase_file];
        let done = (self.kind == Kind::Folder).then_some(&mut self.done);
        for path in secrets.into_iter().chain(done).flatten() {
            *path = folder.join(&*path);
        }
        self.keys.settle(folder);
    }
}
