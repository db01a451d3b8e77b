//! One account: holder, balance, its agreement with what may be done to it, its debits, and the story of both.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use yichong_core::model::ids::AccountNo;
use yichong_core::model::role::Right;
use yichong_jobs::resolve::Object;
use yichong_store::accounts::readings::{self, BalanceRow};
use yichong_store::accounts::{self, AccountRow, DeviceRow};
use yichong_store::agreements::{self, AgreementRow};
use yichong_store::debits::{self, DebitRow};

use super::Console;
use super::proposal::{self, Wish};
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

/// The debits of a month of nights, and some.
const DEBITS_MAX: i64 = 40;

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    shell: Shell,
    number: String,
    account: AccountRow,
    device: Option<DeviceRow>,
    balance: Option<BalanceRow>,
    agreement: Option<AgreementRow>,
    debits: Vec<DebitRow>,
    story: Vec<Moment>,
    may_enrol: bool,
    live: bool,
    thresholds: Vec<(String, bool)>,
    amounts: Vec<(String, bool)>,
    done: bool,
}

/// Something that happened.
struct Moment {
    at: DateTime<Utc>,
    state: String,
    text: String,
    who: String,
}

/// How one came here.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Came {
    #[serde(default)]
    done: String,
}

/// The page.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(number): Path<String>,
    Query(came): Query<Came>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeAgreements).await?;
    let number: AccountNo = number.parse().map_err(|_| Refusal::NotFound)?;
    let mut tx = console.app.db.read().await?;
    let account = accounts::find(&mut tx, number).await?.ok_or(Refusal::NotFound)?;
    let device = accounts::devices_now(&mut tx, &[number.0]).await?.into_iter().next();
    let balance = readings::find(&mut tx, number).await?;
    let agreement = agreements::of_account(&mut tx, number).await?.into_iter().next();
    let debits = debits::of_account(&mut tx, number, DEBITS_MAX).await?;
    let mut story = Vec::new();
    if let Some(agreement) = &agreement {
        for event in agreements::events(&mut tx, agreement.agreement_no()).await? {
            let terms = format!(
                "{}; {} → {}, {} ****{}",
                event.reason,
                super::shell::yuan(event.threshold_fen),
                super::shell::yuan(event.amount_fen),
                event.bank,
                event.card_last4
            );
            story.push(Moment { at: event.at, state: event.state, text: terms, who: event.actor });
        }
        story.reverse();
    }
    drop(tx);
    let live = agreement.as_ref().is_some_and(|row| row.state != "cancelled");
    let boxes = &console.app.config.site.boxes;
    let chosen = |boxes: &[yichong_core::model::money::Fen], now: Option<i64>| {
        boxes.iter().map(|fen| (fen.to_string().trim_end_matches(".00").to_owned(), Some(fen.0) == now)).collect()
    };
    show(&Page {
        number: number.to_string(),
        device,
        balance,
        debits,
        story,
        may_enrol: visitor.person.role.may(Right::Enrol),
        live,
        thresholds: chosen(&boxes.thresholds, agreement.as_ref().map(|a| a.threshold_fen)),
        amounts: chosen(&boxes.amounts, agreement.as_ref().map(|a| a.amount_fen)),
        done: came.done == "proposed",
        shell: Shell::of(&console, &visitor),
        account,
        agreement,
    })
}

/// What is asked of the agreement.
#[derive(Debug, serde::Deserialize)]
pub struct Typed {
    action: String,
    #[serde(default)]
    threshold: String,
    #[serde(default)]
    amount: String,
    reason: String,
}

/// Proposes a change.
pub async fn propose(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(number): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    let number: AccountNo = number.parse().map_err(|_| Refusal::NotFound)?;
    let action = match typed.action.as_str() {
        "amend" => format!("amend:threshold={},amount={}", typed.threshold, typed.amount),
        other => other.to_owned(),
    };
    let wish = Wish { action, reason: typed.reason };
    proposal::propose(&console, &visitor, Object::Agreement(number), &wish, &format!("/accounts/{number}")).await
}
