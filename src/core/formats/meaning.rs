//! What a column can mean: the closed list that format files choose from, and where each word may stand.

use serde::Deserialize;

/// What a file is for (报文种类).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// Debits we send (送盘).
    Debit,
    /// The bank's answers (回盘).
    Answer,
    /// Money that moved (银行流水).
    Statement,
    /// Agreements one side tells the other (签约).
    Agreements,
    /// The answer to those.
    AgreementAnswer,
    /// A side's own list of what it booked (对账).
    Reconciliation,
    /// The differences found in it (对账差错).
    ReconciliationErrors,
}

/// Where in a file a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Edge,
    Row,
    Refusal,
}

/// How a value is written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Text,
    Digits,
    Amount,
    Date,
}

macro_rules! meanings {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $sort:ident;)*) => {
        /// The meaning of a column.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub enum Meaning { $($(#[$doc])* #[serde(rename = $word)] $name,)* }

        impl Meaning {
            /// The word format files use.
            pub const fn word(self) -> &'static str { match self { $(Meaning::$name => $word),* } }
            pub(super) const fn sort(self) -> Sort { match self { $(Meaning::$name => Sort::$sort),* } }
        }
    };
}

meanings! {
    /// Number of the row in its file.
    Line = "line", Digits;
    /// Our number.
    DebitNo = "debit_no", Digits;
    /// Our short key, where the bank's field is too small for `debit_no`.
    BankRef = "bank_ref", Text;
    /// Meter account (户号).
    Account = "account", Text;
    /// Name on the card (户名).
    PayerName = "payer_name", Text;
    /// Card number (账号).
    Card = "card", Text;
    /// Kind of ID; needs `words`.
    IdType = "id_type", Text;
    /// ID number.
    IdNumber = "id_number", Text;
    /// Mobile number.
    Mobile = "mobile", Text;
    /// To be taken.
    Amount = "amount", Amount;
    /// Agreement number (授权号).
    Agreement = "agreement", Text;
    /// What is done to an agreement: signed or cancelled (签约状态); needs `[agreement]`.
    Operation = "operation", Text;
    /// Name of the account's holder (用户名).
    Holder = "holder", Text;
    /// The meter's address (地址).
    Address = "address", Text;
    /// Day of the signature.
    SignedOn = "signed_on", Date;
    /// 业务日期.
    BusinessDate = "business_date", Date;
    /// The date our file carries.
    FileDate = "file_date", Date;
    /// The scheduled instant of the job.
    MadeAt = "made_at", Date;
    /// `made_at` + one second per earlier file of the date: where a name or head may not repeat.
    SentAt = "sent_at", Date;
    /// Batch number.
    Seq = "seq", Digits;
    /// Rows of the request.
    Count = "count", Digits;
    /// Sum of the request.
    Sum = "sum", Amount;
    /// Rows the bank counts as successes.
    PaidCount = "paid_count", Digits;
    /// Sum the bank counts as taken.
    PaidSum = "paid_sum", Amount;
    /// Rows listed in this very file.
    ListedCount = "listed_count", Digits;
    /// Sum of the rows listed in this very file.
    ListedSum = "listed_sum", Amount;
    /// What was asked, as the bank repeats it.
    Asked = "asked", Amount;
    /// What was taken.
    Taken = "taken", Amount;
    /// The bank's code.
    Code = "code", Text;
    /// The bank's words.
    Text = "text", Text;
    /// 清算日.
    BankDate = "bank_date", Date;
    /// The bank's serial number.
    Serial = "serial", Text;
    /// When the money counts.
    ValueDate = "value_date", Date;
    /// Money into our account.
    Income = "income", Amount;
    /// Money out of our account.
    Outgo = "outgo", Amount;
    /// Fee kept back.
    Fee = "fee", Amount;
    /// What the bank says a statement line belongs to.
    Reference = "reference", Text;
}

/// How a value is hidden in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secret {
    No,
    Number,
    Name,
}

impl Meaning {
    pub(super) const fn secret(self) -> Secret {
        match self {
            Meaning::Card | Meaning::IdNumber | Meaning::Mobile => Secret::Number,
            Meaning::PayerName | Meaning::Holder => Secret::Name,
            _ => Secret::No,
        }
    }
}

/// The meanings that may stand in a place of a message, for the loader and its error texts.
pub(super) const fn allowed(message: Message, place: Place) -> &'static [Meaning] {
    use Meaning as M;
    match (message, place) {
        (_, Place::Refusal) => &[M::Code, M::Text],
        (Message::Debit, Place::Row) => &[
            M::Line,
            M::DebitNo,
            M::BankRef,
            M::Account,
            M::PayerName,
            M::Card,
            M::IdType,
            M::IdNumber,
            M::Mobile,
            M::Amount,
            M::Agreement,
            M::SignedOn,
            M::BusinessDate,
            M::FileDate,
            M::MadeAt,
            M::SentAt,
            M::Seq,
        ],
        (Message::Debit, Place::Edge) => {
            &[M::BusinessDate, M::FileDate, M::MadeAt, M::SentAt, M::Seq, M::Count, M::Sum]
        }
        (Message::Answer, Place::Row) => &[
            M::Line,
            M::DebitNo,
            M::BankRef,
            M::Account,
            M::PayerName,
            M::Card,
            M::IdNumber,
            M::Mobile,
            M::Agreement,
            M::Asked,
            M::Taken,
            M::Code,
            M::Text,
            M::BankDate,
            M::FileDate,
            M::Serial,
        ],
        (Message::Answer, Place::Edge) => {
            &[M::FileDate, M::Count, M::Sum, M::PaidCount, M::PaidSum, M::ListedCount, M::ListedSum, M::Code, M::Text]
        }
        (Message::Statement, Place::Row) => {
            &[M::ValueDate, M::BankDate, M::Serial, M::Income, M::Outgo, M::Fee, M::Reference, M::Text]
        }
        (Message::Statement, Place::Edge) => &[M::FileDate, M::Count],
        (Message::Agreements | Message::AgreementAnswer, Place::Row) => AGREEMENT,
        (Message::Agreements | Message::AgreementAnswer, Place::Edge) => {
            &[M::BusinessDate, M::FileDate, M::MadeAt, M::SentAt, M::Seq, M::Count]
        }
        (_, Place::Row) => &[
            M::Line,
            M::DebitNo,
            M::BankRef,
            M::Account,
            M::PayerName,
            M::Card,
            M::IdNumber,
            M::Mobile,
            M::Amount,
            M::Agreement,
            M::IdType,
            M::SignedOn,
            M::Code,
            M::Text,
            M::BankDate,
            M::FileDate,
            M::Serial,
        ],
        (_, Place::Edge) => &[M::BusinessDate, M::FileDate, M::MadeAt, M::SentAt, M::Seq, M::Count, M::Sum],
    }
}

/// What a row about an agreement may hold, ours or a bank's.
const AGREEMENT: &[Meaning] = &[
    Meaning::Line,
    Meaning::Account,
    Meaning::PayerName,
    Meaning::Card,
    Meaning::IdType,
    Meaning::IdNumber,
    Meaning::Mobile,
    Meaning::Agreement,
    Meaning::Operation,
    Meaning::Holder,
    Meaning::Address,
    Meaning::SignedOn,
    Meaning::Code,
    Meaning::Text,
    Meaning::BankDate,
    Meaning::Serial,
];
