//! What a site may choose. `default.toml` beside this file is the documentation, the template and the defaults in one.

mod sections;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use yichong_core::model::ids::AccountNo;
use yichong_core::rules::release::StopLimits;
use yichong_core::rules::selection::Limits;

use yichong_gateways::door::Kind;

pub use sections::{Agreements, Bank, Console, Cuts, Database, Folders, MeterKind, Meters, Payer, Site, Sms};

/// The built-in configuration, comments and all.
pub const DEFAULT: &str = include_str!("default.toml");

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: {source}; make one with `yichong init`")]
    Io {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The text is wrong; the message holds line, column and the accepted words.
    #[error("{file}: {message}")]
    Text {
        /// Which file.
        file: String,
        /// Where and what.
        message: String,
    },
}

/// A site's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Names and the paper form.
    pub site: Site,
    /// Where things are kept.
    pub folders: Folders,
    /// Which database.
    pub database: Database,
    /// Caps and ages of the selection.
    pub limits: Limits,
    /// Stop limits of the release.
    pub stop: StopLimits,
    /// The meters.
    pub meters: Meters,
    /// Texts.
    pub sms: Sms,
    /// Cuts.
    pub cuts: Cuts,
    /// Pages.
    pub console: Console,
    /// The banks, in the order of the file.
    #[serde(default, rename = "bank")]
    pub banks: Vec<Bank>,
}

impl Config {
    /// Loads a file over the built-in defaults; folders become absolute.
    pub fn load(file: &Path) -> Result<Config, ConfigError> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Io { file: name.clone(), source })?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = std::path::absolute(folder).map_err(|source| ConfigError::Io { file: name.clone(), source })?;
        Config::parse(&text, &name, &folder)
    }

    /// Reads a text over the built-in defaults.
    pub fn parse(text: &str, file: &str, folder: &Path) -> Result<Config, ConfigError> {
        let wrong = |message: String| ConfigError::Text { file: file.to_owned(), message };
        let parse = |text: &str| toml::from_str::<toml::Table>(text).map_err(|e| wrong(e.to_string()));
        let mut table = parse(DEFAULT)?;
        overlay(&mut table, parse(text)?);
        // A merged table has lost its lines: read the site's own text once more for a message with line and column.
        let mut config: Config = match table.try_into() {
            Ok(config) => config,
            Err(merged) => {
                let strict = toml::from_str::<Config>(text).err().map_or(merged.to_string(), |e| e.to_string());
                let missing = strict.contains("missing field");
                return Err(wrong(if missing { merged.to_string() } else { strict }));
            }
        };
        config.check().map_err(wrong)?;
        config.settle(folder);
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let pattern = &self.site.account_pattern;
        if pattern.len() != 12 || !pattern.bytes().all(|b| b.is_ascii_digit() || b == b'#') {
            return Err(format!("site.account_pattern `{pattern}`: write 12 digits or #"));
        }
        let listen = self.console.listen;
        if !listen.ip().is_loopback() {
            return Err(format!(
                "console.listen {listen}: pages carry personal data and are served on loopback only; write \
                 127.0.0.1:{} and put a TLS proxy on this machine in front, its name in console.names",
                listen.port()
            ));
        }
        for (at, bank) in self.banks.iter().enumerate() {
            if !(1..=999).contains(&bank.no) {
                return Err(format!("bank {}: no = {} is outside 1 to 999", bank.code, bank.no));
            }
            let twin = |other: &&Bank| {
                let same = other.into == bank.into && other.door.host == bank.door.host;
                other.no == bank.no || other.code == bank.code || (same && other.door.port == bank.door.port)
            };
            if let Some(other) = self.banks[..at].iter().find(twin) {
                return Err(format!("banks {} and {} share a no, a code or a folder", other.code, bank.code));
            }
            if bank.code.is_empty() || !bank.code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err(format!("bank code `{}`: write letters, digits and -", bank.code));
            }
            bank.door.check().map_err(|why| format!("bank {}: {why}", bank.code))?;
        }
        Ok(())
    }

    fn settle(&mut self, folder: &Path) {
        let settle = |path: &mut PathBuf| *path = folder.join(&*path);
        let own = [&mut self.folders.data, &mut self.meters.out, &mut self.meters.into, &mut self.sms.out];
        own.into_iter().for_each(settle);
        for bank in &mut self.banks {
            // Folders of a bank's server are as the bank names them.
            if bank.door.kind == Kind::Folder {
                let own = bank.agreements.iter_mut().flat_map(|own| [&mut own.out_folder, &mut own.into_folder]);
                [&mut bank.out, &mut bank.into].into_iter().chain(own.flatten()).for_each(settle);
            }
            bank.door.settle(folder);
            bank.signature.iter_mut().for_each(|own| own.settle(folder));
        }
    }

    /// The database's address.
    pub fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            return format!("sqlite:{}", self.folders.data.join("yichong.db").display());
        }
        self.database.url.clone()
    }

    /// A bank by its code.
    pub fn bank(&self, code: &str) -> Option<&Bank> {
        self.banks.iter().find(|bank| bank.code == code)
    }

    /// Whether an account number fits the site's pattern.
    pub fn fits_pattern(&self, account: AccountNo) -> bool {
        let digits = account.to_string();
        digits.bytes().zip(self.site.account_pattern.bytes()).all(|(digit, wanted)| wanted == b'#' || wanted == digit)
    }
}

fn overlay(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => overlay(under, over),
            (_, value) => drop(under.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yichong_core::model::agreement::Boxes;
    use yichong_core::model::money::Fen;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, "yichong.toml", Path::new("/site")).map_err(|e| e.to_string())
    }

    #[test]
    fn the_defaults_are_a_configuration() {
        let config = parse("").unwrap();
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.stop, StopLimits::default());
        assert_eq!(config.site.boxes, Boxes::default());
        assert_eq!(config.folders.data, Path::new("/site/data"));
        assert!(config.fits_pattern(AccountNo(51_600_001_234)) && !config.fits_pattern(AccountNo(1)));
    }

    #[test]
    fn a_site_changes_what_it_names_and_typos_are_refused() {
        assert_eq!(parse("[limits]\nper_debit = 1").unwrap().limits.per_debit, Fen(1));
        let said = parse("[limits]\nper_debit = 1\nper_debt = 2").unwrap_err();
        assert!(said.contains("per_debt") && said.contains("line 3") && said.contains("per_debit"), "{said}");
        let said = parse("[meters]\nkind = \"http\"").unwrap_err();
        assert!(said.contains("http") && said.contains("ledger"), "{said}");
        assert!(parse("[site]\naccount_pattern = \"0516\"").unwrap_err().contains("12 digits"));
    }

    const BANK: &str = "[[bank]]\nno = 1\ncode = \"A\"\nname = \"甲\"\ncalendar = \"a\"\ndebit = \"x\"\nanswers = []
statements = []\nout = \"o\"\ninto = \"i\"\nanswer_days = 1\nsettle_days = 1\ncutoff = \"23:30\"\n[bank.door]\n";

    #[test]
    fn a_door_is_a_folder_unless_it_says_otherwise_and_a_server_is_never_believed_unseen() {
        let config = parse(&format!("{BANK}marker_out = \"{{name}}.ok\"")).unwrap();
        assert_eq!(config.banks[0].out, Path::new("/site/o"));
        let server = "kind = \"sftp\"\nhost = \"b.example\"\nuser = \"u\"\nkey_file = \"keys/b\"\n";
        let said = parse(&format!("{BANK}{server}")).unwrap_err();
        assert!(said.contains("bank A") && said.contains("host_keys"), "{said}");
        let key = format!("host_keys = [\"SHA256:{}\"]\n", "a".repeat(43));
        let config = parse(&format!("{BANK}{server}{key}")).unwrap();
        assert_eq!(config.banks[0].out, Path::new("o"), "a folder of the bank's server");
        assert_eq!(config.banks[0].door.key_file.as_deref(), Some(Path::new("/site/keys/b")));
        for (wrong, words) in [
            ("password = \"x\"", "password_file"),
            ("password_file = \"p\"", "one way in"),
            ("marker_in = \"ok\"", "{name}"),
            ("legacy = [\"md5\"]", "ssh-rsa"),
            ("tries = 0", "at least 1"),
        ] {
            let said = parse(&format!("{BANK}{server}{key}{wrong}")).unwrap_err();
            assert!(said.contains(words), "{wrong}: {said}");
        }
        assert!(parse(&format!("{BANK}host = \"b\"")).unwrap_err().contains("belong to kind"), "no half server");
    }
}
