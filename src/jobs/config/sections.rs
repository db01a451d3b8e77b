//! The sections of the configuration, in the order of `default.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use yichong_core::formats::records::Params;
use yichong_core::model::agreement::Boxes;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;

use yichong_gateways::door::{Door, Settings};
use yichong_gateways::signing;
use yichong_gateways::sms::Language;

/// `[site]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// In texts and reports.
    pub name: String,
    /// 户号 pattern: digits as they are, `#` for any digit.
    pub account_pattern: String,
    /// Who may sign.
    pub payer: Payer,
    /// Printed in texts.
    pub phone: String,
    /// The form's boxes.
    pub boxes: Boxes,
    /// 注意事项 of the form; `{site}` and `{phone}` are put in.
    pub notes: Vec<String>,
}

/// Who may sign an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// The account's holder only.
    Holder,
    /// Anyone with own ID and own card.
    Anyone,
}

/// `[folders]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folders {
    /// Database, keys, archive, reports.
    pub data: PathBuf,
}

/// `[database]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Empty: `data/yichong.db`.
    pub url: String,
}

/// `[meters]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meters {
    /// Who keeps the balance.
    pub kind: MeterKind,
    /// Orders out.
    pub out: PathBuf,
    /// Acknowledgements and balances in.
    pub into: PathBuf,
    /// Hours until a silent order is a break.
    pub answer_hours: i64,
    /// The power comes back only above this.
    pub cut_limit: Fen,
}

/// Who keeps the balance of the meters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeterKind {
    /// Yichong.
    Ledger,
    /// A head-end that exchanges files.
    File,
}

/// `[sms]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// The file gateway's folder.
    pub out: PathBuf,
    /// No texts from this time of day …
    pub quiet_from: chrono::NaiveTime,
    /// … to this.
    pub quiet_to: chrono::NaiveTime,
    /// 【signature】 in front of every text.
    pub signature: String,
    /// Residents' texts are written in it.
    pub language: Language,
}

/// `[console]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    /// Where pages are served: a loopback address.
    pub listen: SocketAddr,
    /// Names under which browsers reach it through a TLS proxy on this machine.
    pub names: Vec<String>,
}

/// `[cuts]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cuts {
    /// Which calendar.
    pub calendar: String,
}

/// `[[bank]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// 1–999: batch numbers are made from it.
    pub no: i64,
    /// Short name in tables and commands.
    pub code: String,
    /// What people read.
    pub name: String,
    /// Days on which it takes files.
    pub calendar: String,
    /// Format we write.
    pub debit: String,
    /// Formats it answers with.
    pub answers: Vec<String>,
    /// Formats of its statements.
    pub statements: Vec<String>,
    /// Our files to it.
    pub out: PathBuf,
    /// Its files to us.
    pub into: PathBuf,
    /// Bank days until an answer is late.
    pub answer_days: u32,
    /// Bank days until the money is late.
    pub settle_days: u32,
    /// A file not released by this time of the business date is void.
    pub cutoff: chrono::NaiveTime,
    /// The bank confirms agreements itself.
    #[serde(default)]
    pub confirms: bool,
    /// How agreements are exchanged with it, if they are.
    pub agreements: Option<Agreements>,
    /// How files change hands there.
    #[serde(default)]
    pub door: Settings,
    /// How documents are signed there, where its formats sign them.
    pub signature: Option<signing::Settings>,
    /// What its formats ask for.
    #[serde(default)]
    pub params: Params,
}

/// `agreements = { … }` of a bank: 签约 is told by file and answered by file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreements {
    /// Format we tell it new and cancelled agreements in.
    pub out: String,
    /// Formats it answers in.
    pub answers: Vec<String>,
    /// Formats of its own list of all agreements, for the monthly comparison; none: the format of `out`.
    #[serde(default)]
    pub lists: Vec<String>,
    /// Bank days until an answer is late.
    #[serde(default = "Agreements::days")]
    pub answer_days: u32,
    /// Another folder than the bank's for our files about agreements.
    pub out_folder: Option<PathBuf>,
    /// Another folder than the bank's for its answers.
    pub into_folder: Option<PathBuf>,
}

impl Agreements {
    const fn days() -> u32 {
        3
    }
}

impl Bank {
    /// The account that entries without a meter account carry: outside the range of meters.
    pub const fn reserved_account(&self) -> AccountNo {
        AccountNo(999_999_999_000 + self.no)
    }

    /// Its door, not opened yet.
    pub fn door(&self) -> Door {
        Door::new(self.out.clone(), self.into.clone(), self.door.clone())
    }

    /// The door for agreements, where they have their own; not opened yet.
    pub fn agreements_door(&self) -> Option<Door> {
        let own = self.agreements.as_ref()?;
        if own.out_folder.is_none() && own.into_folder.is_none() {
            return None;
        }
        let out = own.out_folder.clone().unwrap_or_else(|| self.out.clone());
        let into = own.into_folder.clone().unwrap_or_else(|| self.into.clone());
        Some(Door::new(out, into, self.door.clone()))
    }

    /// Every format its files may be of.
    pub fn formats_in(&self) -> impl Iterator<Item = &String> {
        let answers = self.agreements.iter().flat_map(|own| &own.answers);
        self.answers.iter().chain(&self.statements).chain(answers)
    }
}
