//! The site's rows, put in place through the store, page by page.

use anyhow::{Result, bail};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use yichong::gateways::clock::instant;
use yichong::gateways::vault::Purpose;
use yichong::jobs::App;
use yichong::jobs::payer::Payer;
use yichong::store::accounts::readings::{self, Reading};
use yichong::store::accounts::{self, AccountRow, DeviceRow};
use yichong::store::agreements::{self, AgreementRow, releasing};
use yichong::store::audit::{self, Act};
use yichong_core::model::money::Fen;

use super::campus::Household;

fn moment(text: &str) -> Result<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")?;
    Ok(instant(local.date(), local.time()))
}

/// Accounts with their devices and balances.
pub async fn accounts(app: &App, households: u64) -> Result<()> {
    let now = app.clock.now();
    let from_day: NaiveDate = "2015-06-01".parse()?;
    for page in pages(households) {
        let (mut rows, mut devices, mut balances) = (Vec::new(), Vec::new(), Vec::new());
        for one in page {
            let (account, mobile) = (one.account().parse()?, one.mobile());
            rows.push(AccountRow {
                account,
                holder: one.name(),
                address: format!("甲区{}-{}-101", one.0 / 48, one.0 % 48),
                phone_sealed: Some(app.vault.seal(Purpose::Phone, account, mobile.as_bytes())?),
                phone_index: Some(app.vault.index("phone", &mobile).to_vec()),
                phone_last4: Some(mobile[7..].to_owned()),
                open: true,
                cut_for_money: false,
                hold: None,
                created_at: now,
            });
            let device = format!("{:012}", 900_000_000_000 + one.0);
            devices.push(DeviceRow { account, device, from_day, to_day: None });
            balances.push(Reading {
                account,
                paid_fen: Fen::parse_yuan(&one.balance())?.0,
                free_fen: 0,
                free_until: None,
                read_at: moment("2026-11-20 20:00:00")?,
                since: "2026-11-20".parse()?,
            });
        }
        let mut tx = app.db.write().await?;
        accounts::put(&mut tx, &rows).await?;
        accounts::hang(&mut tx, &devices).await?;
        readings::record(&mut tx, &balances).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Agreements, released by a second person.
pub async fn agreements(app: &App, households: u64) -> Result<()> {
    let now = app.clock.now();
    let hash = "0".repeat(64);
    for page in pages(households) {
        let rows = page.map(|one| agreement(app, one, &hash)).collect::<Result<Vec<_>>>()?;
        let mut tx = app.db.write().await?;
        agreements::enter(&mut tx, &rows, now).await?;
        tx.commit().await?;
    }
    let mut tx = app.db.write().await?;
    let act = Act { at: now, actor: "maker", action: releasing::ENTERED, object: &hash, detail: "benchmark" };
    audit::add(&mut tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await?;
    agreements::release(&mut tx, &hash, "checker", now, households).await?;
    tx.commit().await?;
    Ok(())
}

fn agreement(app: &App, one: Household, hash: &str) -> Result<AgreementRow> {
    let (account, card, id, mobile) = (one.account().parse()?, one.card(), one.id_number(), one.mobile());
    let Some(last4) = card.get(12..) else { bail!("a card of the benchmark has less than 16 digits") };
    Ok(AgreementRow {
        account,
        number: 1,
        version: 1,
        state: "pending".into(),
        state_reason: None,
        bank: "BOC".into(),
        payer_name: one.name(),
        id_type: "resident".into(),
        payer_sealed: Payer::seal(&app.vault, account, &card, &id, &mobile)?,
        card_index: app.vault.index("card", &card).to_vec(),
        card_last4: last4.to_owned(),
        id_index: app.vault.index("id", &id).to_vec(),
        mobile_index: app.vault.index("phone", &mobile).to_vec(),
        threshold_fen: 3_000,
        amount_fen: 10_000,
        signed_at: moment(&one.signed_at())?,
        released_at: None,
        confirmed: true,
        in_row_category: None,
        in_row: 0,
        held: false,
        import_hash: Some(hash.to_owned()),
        maker: "maker".into(),
        checker: None,
    })
}

fn pages(households: u64) -> impl Iterator<Item = impl Iterator<Item = Household>> {
    (0..households).step_by(4_000).map(move |from| (from..households.min(from + 4_000)).map(Household))
}
