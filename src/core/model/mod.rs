//! The nouns of the business, each a type that cannot hold a wrong value.
//!
//! | word | 中文 | meaning |
//! |---|---|---|
//! | account | 户号 | a meter account: money, agreements and debits belong to it |
//! | agreement | 易充值协议 | *below this threshold, take this amount from this card* |
//! | debit | 代扣 | one attempt to collect one amount for one account and business date |
//! | batch | 批次 / 送盘 | the debits of one file to one bank |
//! | return | 回盘 | the bank's answers to a batch |
//! | settlement | 清算 | the money on the bank statement |
//! | break | 差错 | two facts that should agree and do not |
//! | business date | 业务日期 | the evening a debit belongs to, even past midnight |

pub mod agreement;
pub mod breaks;
pub mod calendar;
pub mod card;
pub mod category;
pub mod debit;
pub mod ids;
pub mod money;
pub mod own_account;
pub mod person;
pub mod role;
