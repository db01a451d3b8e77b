//! Who writes the texts: what is told, to which phone, in which words, sealed before it is kept.

use std::sync::Arc;

use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::Notice;
use zeroize::Zeroizing;

use super::text_of;
use crate::app::App;
use crate::config::Config;
use crate::error::JobError;
use crate::payer::Payer;
use yichong_gateways::sms::{self, Facts, Texts};
use yichong_gateways::vault::{Purpose, Vault};
use yichong_store::outbox::Change;
use yichong_store::texts::{Body, TextRow};

/// Everything a text is made from but its row: texts are written beside the database, on a thread of their own.
pub struct Author {
    vault: Arc<Vault>,
    texts: Texts,
    config: Config,
}

/// What became of a page of rows.
#[derive(Default)]
pub struct Written {
    /// To be frozen.
    pub bodies: Vec<Body>,
    /// Overtaken, or without a phone.
    pub withdrawn: Vec<Change>,
}

enum Told {
    Text(Body),
    Later,
    Never(&'static str),
}

impl Author {
    /// The site's.
    pub fn of(app: &App) -> Result<Arc<Author>, JobError> {
        let texts = Texts::built_in().map_err(|e| JobError::input(e.to_string()))?;
        Ok(Arc::new(Author { vault: app.vault.clone(), texts, config: app.config.clone() }))
    }

    /// Writes and seals a page.
    pub fn write(&self, rows: &[TextRow]) -> Result<Written, JobError> {
        let mut written = Written::default();
        for row in rows {
            match self.decide(row)? {
                Told::Text(body) => written.bodies.push(body),
                Told::Later => {}
                Told::Never(why) => written.withdrawn.push(Change {
                    account: row.account,
                    kind: "sms",
                    reference: row.reference,
                    template: row.template.clone(),
                    from: row.state.clone(),
                    to: "withdrawn",
                    message: Some(why.to_owned()),
                }),
            }
        }
        Ok(written)
    }

    fn decide(&self, row: &TextRow) -> Result<Told, JobError> {
        let Some(notice) = sms::notice(&row.template) else { return Ok(Told::Never("there is no such text")) };
        match (notice, row.debit_state.as_str()) {
            (Notice::Credited, "paid") => return Ok(Told::Later),
            (Notice::Credited, "credited") | (Notice::CreditPending, "paid") => {}
            (Notice::Credited | Notice::CreditPending, _) => return Ok(Told::Never("overtaken: the debit moved on")),
            _ => {}
        }
        let Some(phone) = recipient(&self.vault, notice, row)? else { return Ok(Told::Never("no phone is known")) };
        let bank = self.config.bank(&row.bank);
        // A text about the power is queued with what is missing; the balance it was decided by follows from it.
        let missing = Fen(row.amount_fen);
        let balance = Fen(self.config.meters.cut_limit.0 - missing.0 + 1);
        let facts = Facts {
            account: AccountNo(row.account),
            amount: Fen(row.amount_fen),
            card_last4: &row.card_last4,
            date: row.business_date,
            balance,
            missing,
            bank: bank.map_or(&row.bank, |bank| &bank.name),
            site_phone: &self.config.site.phone,
        };
        let text = self.texts.write(notice, self.config.sms.language, &self.config.sms.signature, &facts);
        let clear = Zeroizing::new(format!("{}\n{text}", phone.as_str()));
        Ok(Told::Text(Body {
            account: row.account,
            reference: row.reference,
            template: row.template.clone(),
            to_index: self.vault.index("phone", &phone),
            sealed: self.vault.seal(Purpose::Text, row.account, clear.as_bytes())?,
        }))
    }
}

/// Texts about debits go to the payer, texts about the power to the account's own phone: a refusal's reason never goes
/// to a holder who is not the payer.
fn recipient(vault: &Vault, notice: Notice, row: &TextRow) -> Result<Option<Zeroizing<String>>, JobError> {
    let phone = match notice {
        Notice::StillShort | Notice::Reclosed => match &row.phone_sealed {
            Some(sealed) => text_of(&vault.open_value(Purpose::Phone, row.account, sealed)?),
            None => Zeroizing::new(String::new()),
        },
        _ => Payer::open(vault, row.account, &row.payer_sealed)?.mobile,
    };
    let digits = phone.strip_prefix('+').unwrap_or(&phone);
    let dialled = (5..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    Ok(dialled.then_some(phone))
}
