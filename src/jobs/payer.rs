//! A payer's card, ID number and mobile: sealed together in one ciphertext, opened for a bank's file or a text only.

use zeroize::Zeroizing;

use super::error::{JobError, Kind};
use yichong_gateways::vault::{Purpose, Vault};

/// What is sealed of a payer. Dropped values leave no trace in memory.
pub struct Payer {
    /// Card number.
    pub card: Zeroizing<String>,
    /// ID number.
    pub id_number: Zeroizing<String>,
    /// Mobile.
    pub mobile: Zeroizing<String>,
}

impl std::fmt::Debug for Payer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Payer(sealed)")
    }
}

impl Payer {
    /// Seals card, ID number and mobile for an account.
    pub fn seal(vault: &Vault, account: i64, card: &str, id_number: &str, mobile: &str) -> Result<Vec<u8>, JobError> {
        let text = Zeroizing::new([card, id_number, mobile].join("\n"));
        Ok(vault.seal(Purpose::Payer, account, text.as_bytes())?)
    }

    /// Opens what [`Payer::seal`] made for the same account.
    pub fn open(vault: &Vault, account: i64, sealed: &[u8]) -> Result<Payer, JobError> {
        let bytes = vault.open_value(Purpose::Payer, account, sealed)?;
        let wrong = || JobError::new(Kind::Books, format!("the payer of account {account} does not read back"));
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong())?;
        let mut parts = text.split('\n').map(|part| Zeroizing::new(part.to_owned()));
        let (card, id_number, mobile) = (parts.next(), parts.next(), parts.next());
        match (card, id_number, mobile, parts.next()) {
            (Some(card), Some(id_number), Some(mobile), None) => Ok(Payer { card, id_number, mobile }),
            _ => Err(wrong()),
        }
    }
}
