//! Agreements (易充值协议): entered as pending, found by account, card or import. Their changes are in [`changes`].

use chrono::{DateTime, Utc};
use yichong_core::model::agreement::{AgreementNo, AgreementState};
use yichong_core::model::ids::AccountNo;

use super::db::{Result, StoreError, Tx, expect_rows, on};
use super::rows::{many, many_of};

/// Every column of [`AgreementRow`], the agreement as `a`.
macro_rules! agreement_columns {
    ($rest:literal) => {
        concat!(
            "SELECT a.account, a.number, a.version, a.state, a.state_reason, a.bank, a.payer_name, a.id_type, ",
            "a.payer_sealed, a.card_index, a.card_last4, a.id_index, a.mobile_index, a.threshold_fen, ",
            "a.amount_fen, a.signed_at, a.released_at, a.confirmed, a.in_row_category, a.in_row, ",
            "a.held, a.import_hash, a.maker, a.checker ",
            "FROM agreement a ",
            $rest
        )
    };
}

pub mod again;
pub mod amending;
pub mod changes;
pub mod listing;
pub mod notices;
pub mod releasing;
pub mod replies;
pub mod searching;

pub use changes::{Changed, Why, cancel, count_in_row, events, in_force_at, resume, suspend, suspend_card};
pub use releasing::{PendingImport, finished, release, release_one, waiting, withdraw};

/// An agreement as the table has it: its current terms.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AgreementRow {
    /// Meter account.
    pub account: i64,
    /// Its number within the account, from 1.
    pub number: i64,
    /// Version of its terms, from 1.
    pub version: i64,
    /// State's word.
    pub state: String,
    /// Why it is in that state.
    pub state_reason: Option<String>,
    /// Bank's code.
    pub bank: String,
    /// Name on the card.
    pub payer_name: String,
    /// ID type's word.
    pub id_type: String,
    /// Card, ID number and mobile, sealed (see `jobs::payer`).
    pub payer_sealed: Vec<u8>,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// The card's last 4.
    pub card_last4: String,
    /// The ID number's blind index.
    pub id_index: Vec<u8>,
    /// The mobile's blind index.
    pub mobile_index: Vec<u8>,
    /// 充值阈值, fen.
    pub threshold_fen: i64,
    /// 充值金额, fen.
    pub amount_fen: i64,
    /// 签约时间, kept through amendments: the order of the file.
    pub signed_at: DateTime<Utc>,
    /// When a second person released it.
    pub released_at: Option<DateTime<Utc>>,
    /// The bank confirmed it, or needs not.
    pub confirmed: bool,
    /// Answers of one category in a row: which.
    pub in_row_category: Option<String>,
    /// How many.
    pub in_row: i64,
    /// A format fault waits for an operator.
    pub held: bool,
    /// SHA-256 of the file it came in, hex.
    pub import_hash: Option<String>,
    /// Who entered it.
    pub maker: String,
    /// Who released it.
    pub checker: Option<String>,
}

impl AgreementRow {
    /// Its number, as people write it.
    pub const fn agreement_no(&self) -> AgreementNo {
        AgreementNo { account: AccountNo(self.account), number: self.number }
    }

    /// Its state; an unknown word is a named error.
    pub fn state(&self) -> Result<AgreementState> {
        AgreementState::from_word(&self.state).ok_or_else(|| StoreError::Corrupt {
            table: "agreement",
            row: self.agreement_no().to_string(),
            problem: format!("unknown state `{}`", self.state),
        })
    }
}

/// Enters a page of pending agreements, each with the first row of its history. An account that has a live one already
/// fails the whole page: the caller looked before.
pub async fn enter(tx: &mut Tx, agreements: &[AgreementRow], at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO agreement (account, number, version, state, bank, payer_name, id_type, payer_sealed,
        card_index, card_last4, id_index, mobile_index, threshold_fen, amount_fen, signed_at, confirmed, in_row, held,
        import_hash, maker) VALUES {rows 0: BIGINT BIGINT BIGINT TEXT TEXT TEXT TEXT BYTEA BYTEA TEXT BYTEA BYTEA BIGINT
        BIGINT TIMESTAMPTZ BOOLEAN BIGINT BOOLEAN TEXT TEXT}";
    let done = many!(tx, SQL, [], agreements, |q, a| q
        .bind(a.account)
        .bind(a.number)
        .bind(a.version)
        .bind(AgreementState::Pending.word())
        .bind(&a.bank)
        .bind(&a.payer_name)
        .bind(&a.id_type)
        .bind(&a.payer_sealed)
        .bind(&a.card_index)
        .bind(&a.card_last4)
        .bind(&a.id_index)
        .bind(&a.mobile_index)
        .bind(a.threshold_fen)
        .bind(a.amount_fen)
        .bind(a.signed_at)
        .bind(a.confirmed)
        .bind(a.in_row)
        .bind(a.held)
        .bind(&a.import_hash)
        .bind(&a.maker));
    expect_rows("entering agreements", agreements.len(), done)?;
    let entered = |a: &AgreementRow| Changed {
        account: a.account,
        number: a.number,
        version: a.version,
        threshold_fen: a.threshold_fen,
        amount_fen: a.amount_fen,
        maker: a.maker.clone(),
        bank: a.bank.clone(),
        card_last4: a.card_last4.clone(),
        confirmed: a.confirmed,
    };
    let entered: Vec<Changed> = agreements.iter().map(entered).collect();
    changes::record(tx, &entered, AgreementState::Pending, at, |a| ("录入".to_owned(), a.maker.clone())).await
}

/// One agreement.
pub async fn find(tx: &mut Tx, agreement: AgreementNo) -> Result<Option<AgreementRow>> {
    const SQL: &str = agreement_columns!("WHERE a.account = $1 AND a.number = $2");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(agreement.account.0).bind(agreement.number).fetch_optional(c).await)?)
}

/// An account's agreements, newest first; the first is the live one, if any lives.
pub async fn of_account(tx: &mut Tx, account: AccountNo) -> Result<Vec<AgreementRow>> {
    const SQL: &str = agreement_columns!("WHERE a.account = $1 ORDER BY a.number DESC");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account.0).fetch_all(c).await)?)
}

/// Agreements on a card, by its blind index, live ones first.
pub async fn by_card(tx: &mut Tx, card_index: &[u8], most: i64) -> Result<Vec<AgreementRow>> {
    const SQL: &str = agreement_columns!(
        "WHERE a.card_index = $1
        ORDER BY CASE WHEN a.state = 'cancelled' THEN 1 ELSE 0 END, a.account, a.number LIMIT $2"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(card_index).bind(most).fetch_all(c).await)?)
}

/// The pending agreements of an import with accounts after `after`, in the order of accounts.
pub async fn pending(tx: &mut Tx, import_hash: &str, after: i64, most: i64) -> Result<Vec<AgreementRow>> {
    const SQL: &str = agreement_columns!(
        "WHERE a.import_hash = $1 AND a.state = 'pending' AND a.account > $2 ORDER BY a.account LIMIT $3"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(import_hash).bind(after).bind(most).fetch_all(c).await)?)
}

/// What an account has already: asked before a new agreement is entered.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    /// Meter account.
    pub account: i64,
    /// Its highest agreement number.
    pub last: i64,
    /// The number of its live agreement.
    pub live: Option<i64>,
    /// The import its live agreement came with.
    pub live_import: Option<String>,
}

/// The accounts among these (at most a page) that ever had an agreement, in no order.
pub async fn held(tx: &mut Tx, accounts: &[i64]) -> Result<Vec<Held>> {
    const SQL: &str = "SELECT a.account, MAX(a.number) AS last,
        MAX(CASE WHEN a.state <> 'cancelled' THEN a.number END) AS live,
        MAX(CASE WHEN a.state <> 'cancelled' THEN a.import_hash END) AS live_import
        FROM agreement a JOIN (VALUES {rows 0: BIGINT}) v ON a.account = v.column1 GROUP BY a.account";
    Ok(many_of!(tx, Held, SQL, [], accounts, |q, account| q.bind(account)))
}
