//! A day in three calls: the night, the bank's answers, the bank's money; and the books held against the invariants.

use chrono::Days;
use yichong::jobs::verify;
use yichong::simulator::Bank;

use super::site::{Site, day};

/// The day after, as a text.
pub fn next(date: &str) -> String {
    (day(date) + Days::new(1)).to_string()
}

impl Site {
    /// 22:00: the night sends its files.
    pub async fn night(&mut self, date: &str) -> String {
        self.run("nightly", date, &format!("{date}T22:00:05")).await
    }

    /// 23:10: the bank has worked on what it got, with this 清算日; its answers are taken in. Gives their names.
    pub async fn answered(&mut self, bank: &mut Bank, date: &str) -> Vec<String> {
        bank.receive(day(date)).unwrap();
        let names = bank.answer(day(date)).unwrap();
        self.run("returns", date, &format!("{date}T23:10:00")).await;
        names
    }

    /// 09:15 of the day after: the bank has laid the statement of a date out; it is taken in.
    pub async fn settled(&mut self, bank: &mut Bank, date: &str) -> String {
        bank.statement(day(date)).unwrap();
        self.reconciled(&next(date)).await
    }

    /// 09:15: a settlement sweep.
    pub async fn reconciled(&mut self, date: &str) -> String {
        self.run("settlement", date, &format!("{date}T09:15:00")).await
    }

    /// A whole day: night, answers, money.
    pub async fn played(&mut self, bank: &mut Bank, date: &str) {
        self.night(date).await;
        self.answered(bank, date).await;
        self.settled(bank, date).await;
    }

    /// 19:00 of the day after: the day is closed.
    pub async fn closed(&mut self, date: &str) {
        self.run("close", date, &format!("{}T19:00:00", next(date))).await;
    }

    /// Every invariant holds.
    pub async fn green(&self) {
        let found = verify::verify(&self.app, None).await.unwrap();
        assert!(found.is_empty(), "{}", verify::message(&found));
    }

    /// Gives a file that waits at our door another name.
    pub fn renamed(&self, code: &str, from: &str, to: &str) {
        let folder = self.exchange(code).join("in");
        std::fs::rename(folder.join(from), folder.join(to)).unwrap();
    }
}
