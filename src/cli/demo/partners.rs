//! The other side of the demo, from `samples/campus/partners.toml`.

use serde::Deserialize;

use super::word;
use crate::jobs::JobError;
use crate::simulator::{BankConfig, Settle};

/// `partners.toml`: how the other side behaves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partners {
    pub meters: MetersPartner,
    pub bank: Vec<Partner>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetersPartner {
    pub scenario: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    pub folder: String,
    family: String,
    merchant: String,
    institution: String,
    code: String,
    pub scenario: String,
    settle: String,
    pub friday: Option<String>,
}

impl Partner {
    /// As the simulator wants it.
    pub fn config(&self, seed: u64) -> Result<BankConfig, JobError> {
        Ok(BankConfig {
            family: word(&self.family)?,
            merchant: self.merchant.clone(),
            institution: self.institution.clone(),
            code: self.code.clone(),
            seed,
            scenario: word(&self.scenario)?,
            settle: if self.settle == "lumps" { Settle::Lumps } else { Settle::Singles },
            seal: None,
        })
    }
}
