//! The other side: a partner bank (合作银行) and the campus' meters (电表主站), each with a truth of its own.
//!
//! Tests and the demonstration hold our books against theirs, so nothing here is shared with the engine: the codecs
//! are written by hand, the journals are JSON lines beside the exchange folders, and chance follows from
//! (seed, key) only. Everything is synchronous, works on folders, and takes its dates as arguments.
//!
//! A night of the bank is three calls: [`Bank::receive`] takes our files out of `out/`, [`Bank::answer`] works on them
//! with a 清算日, moves the money and writes the answers into `in/`, [`Bank::statement`] pays over and writes the day's
//! statement. [`Bank::debits`], [`Bank::totals`] and [`Bank::double_debits`] say what is true. [`HeadEnd`] does
//! the same for credits, relays and balances.
//!
//! Every kind of break (差错) can be produced by a word of a [`Scenario`] or by an [`Outcome`] set by hand:
//!
//! | break | scenario of the bank | what the bank's books hold |
//! |---|---|---|
//! | 无回盘 | `missing-rows`, `silent`, `late` (until the next day), `pending` | no answer; taken only with `late` |
//! | 长款 | `settle-long` (strangers), `settle-over` | more money than was taken for our debits |
//! | 短款 | `settle-short` | less money than was taken |
//! | 金额不符 | `taken-less`, `taken-more`, `wrong-amount` | taken (or repeated) amount is not the asked one |
//! | 状态不符 | `contradict-next-day`, `refused-but-taken` | two answers, or answer and money, say the opposite |
//! | 未到账 | `settle-missing`, `settle-late:days` | taken and answered, money never or late on a statement |
//! | 未回盘入账 | `money-without-answer`, `partial-set` | taken and settled, no row in any answer |
//! | 电表未到账 | head-end: `reject`, `unknown`, `lost-ack`, `offline` | paid, no acknowledged credit |
//! | 重复入账 | `duplicate-settlement` (two entries), `duplicate-line` (printed twice) | money twice, or once |
//! | 迟到退回 | `return-next-day`, `return-late:days` (退票), `reversal-same-day` (冲正) | taken, settled, taken back |
//! | 日切 | `day-cut`, `day-cut:rows` | 清算日 is the next day |
//!
//! [`AgreementDesk`] is the bank's other desk: it is told of agreements, says yes or no, and keeps its own list.
//!
//! Faults of the files themselves: `duplicate-row`, `duplicate-file`, `unknown-item`, `unknown-code`, `wrong-totals`
//! (no effect in the city family, which has no totals; in the three-file family a success lacks in its list),
//! `corrupt`, `bad-gbk`, `partial-set`, `whole-file-refused` (a refusal line where the family knows one, silence
//! otherwise), `answer-next-day`. [`Bank::answer_again`] delivers the same answer without faults. A later answer comes
//! under the name of the first and replaces it; `duplicate-file` says another sequence number in its name. Families
//! that do not say how much was taken show `taken-less` and `taken-more` by the statement only.

mod answering;
mod bank;
mod books;
mod campus;
mod chance;
mod command;
mod composing;
mod contracts;
mod deciding;
mod family;
mod folder;
mod headend;
mod journal;
mod meter;
mod meter_files;
mod meter_script;
mod outcome;
mod scenario;
mod seal;
mod settling;
mod text;
mod truth;

pub use bank::{Bank, BankConfig, Settle, Which};
pub use books::Totals;
pub use campus::{Campus, CampusConfig, campus};
pub use command::{BankSimArgs, BankStep, MeterSimArgs, MeterStep, bank_command, meter_command, opening_balances};
pub use contracts::{AgreementDesk, Contract, Notice};
pub use family::Family;
pub use headend::{HeadEnd, HeadEndConfig};
pub use meter::{Meter, Order, consumption};
pub use meter_script::HeadEndScenario;
pub use outcome::{Money, Outcome, Reason, Shown, Takes, Then};
pub use scenario::{Scenario, Word, vocabulary};
pub use seal::{Kind as SealKind, Seal};
pub use truth::{Debit, Delivery, Entry, RequestFile, Stage};

#[cfg(test)]
mod tests;
