//! The campus' meters: credits and relay commands by file, acknowledgements, daily balances, and a truth of their own.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::chance::pick;
use super::folder::{Exchange, append, read_lines, write_whole};
use super::meter::{Command, Meter, Order};
use super::meter_files as files;
use super::meter_script::HeadEndScenario;

/// What a head-end is and how it behaves.
#[derive(Clone, Debug)]
pub struct HeadEndConfig {
    /// Seed of its chance: who is rejected, who uses how much.
    pub seed: u64,
    /// Its script.
    pub scenario: HeadEndScenario,
    /// An order number is applied once only, however often it comes.
    pub idempotent: bool,
    /// The day the opening balances are of.
    pub opened_on: NaiveDate,
    /// Opening balances: account → (paid money, free credit), fen. Used for accounts that are not in the books yet.
    pub balances: BTreeMap<String, (i64, i64)>,
}

/// The head-end on `<meters>/{out,in,meters}`.
#[derive(Debug)]
pub struct HeadEnd {
    config: HeadEndConfig,
    exchange: Exchange,
    journal: PathBuf,
    unsaved: String,
    meters: BTreeMap<String, Meter>,
    orders: BTreeMap<String, Order>,
    complaints: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Meter(Meter),
    Order(Order),
    Complaint(String),
}

impl HeadEnd {
    /// Opens the head-end with the books it finds, or with the opening balances.
    pub fn open(meters: &Path, config: HeadEndConfig) -> io::Result<HeadEnd> {
        let exchange = Exchange::open(meters, "meters")?;
        let journal = exchange.desk.join("truth.jsonl");
        let (meters, orders) = (BTreeMap::new(), BTreeMap::new());
        let unsaved = String::new();
        let mut own = HeadEnd { config, exchange, journal, unsaved, meters, orders, complaints: Vec::new() };
        for text in read_lines(&own.journal)? {
            match serde_json::from_str(&text).map_err(io::Error::other)? {
                Line::Meter(meter) => drop(own.meters.insert(meter.account.clone(), meter)),
                Line::Order(order) => drop(own.orders.insert(order.number.clone(), order)),
                Line::Complaint(text) => own.complaints.push(text),
            }
        }
        for (account, (balance, free)) in std::mem::take(&mut own.config.balances) {
            if !own.meters.contains_key(&account) {
                let meter = Meter::opened(account.clone(), balance, free, own.config.opened_on);
                own.note(&Line::Meter(meter.clone()))?;
                own.meters.insert(account, meter);
            }
        }
        own.save()?;
        Ok(own)
    }

    /// Changes the script from now on.
    pub fn set_scenario(&mut self, scenario: HeadEndScenario) {
        self.config.scenario = scenario;
    }

    /// Takes every waiting file, applies it, acknowledges it. Returns the names taken.
    pub fn run(&mut self, now: NaiveDateTime) -> io::Result<Vec<String>> {
        if self.config.scenario.offline {
            return Ok(Vec::new());
        }
        let mut taken = Vec::new();
        for name in self.exchange.waiting()? {
            let bytes = self.exchange.read(&name)?;
            let answer = if name.starts_with("relay-") {
                files::read_relay(&bytes).map(|rows| self.switch(&rows, now))
            } else {
                files::read_credit(&name, &bytes).map(|rows| self.credit(&name, &rows, now))
            };
            let text = match answer {
                Ok(text) => Some(text?),
                Err(why) => {
                    let complaint = format!("{name}: {why}");
                    self.note(&Line::Complaint(complaint.clone()))?;
                    self.complaints.push(complaint);
                    None
                }
            };
            self.save()?;
            if let Some(text) = text.filter(|_| !self.config.scenario.lost_ack) {
                self.exchange.deliver(&files::ack_name(&name), text.as_bytes())?;
            }
            self.exchange.take_away(&name)?;
            taken.push(name);
        }
        Ok(taken)
    }

    /// Applies credits; the text of the acknowledgement.
    fn credit(&mut self, file: &str, rows: &[files::CreditRow], now: NaiveDateTime) -> io::Result<String> {
        let candidates: Vec<(usize, &str)> = rows.iter().map(|row| row.order.as_str()).enumerate().collect();
        let script = self.config.scenario;
        let rejected = pick(self.config.seed, &format!("{file}/reject"), &candidates, script.reject as usize);
        let rest: Vec<(usize, &str)> = candidates.into_iter().filter(|(place, _)| !rejected.contains(place)).collect();
        let unknown = pick(self.config.seed, &format!("{file}/unknown"), &rest, script.unknown as usize);
        let mut answers = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let (result, message) = self.apply(row, rejected.contains(&place), now)?;
            let first = self.orders.get(&row.order).is_none_or(|order| order.deliveries == 1);
            let unsure = first && result == "accepted" && unknown.contains(&place);
            answers.push(if unsure { (row, "unknown", "结果未知") } else { (row, result, message) });
        }
        Ok(files::write_credit_ack(&answers))
    }

    fn apply(
        &mut self,
        row: &files::CreditRow,
        reject: bool,
        now: NaiveDateTime,
    ) -> io::Result<(&'static str, &'static str)> {
        if let Some(known) = self.orders.get_mut(&row.order) {
            known.deliveries += 1;
            let same = known.account == row.account && known.fen == row.fen;
            let again = known.accepted && same && !self.config.idempotent;
            known.applied += u32::from(again);
            let accepted = known.accepted;
            let order = known.clone();
            self.note(&Line::Order(order))?;
            if again {
                self.add(row, now)?;
            }
            return Ok(if same { self.said(row, accepted) } else { ("rejected", "同一订单号内容不同") });
        }
        let accepted = !reject && self.meters.contains_key(&row.account);
        let order = Order::new(&row.order, &row.account, row.fen, accepted, now);
        self.note(&Line::Order(order.clone()))?;
        self.orders.insert(row.order.clone(), order);
        if accepted {
            self.add(row, now)?;
        }
        Ok(self.said(row, accepted))
    }

    fn said(&self, row: &files::CreditRow, accepted: bool) -> (&'static str, &'static str) {
        match (accepted, self.meters.contains_key(&row.account)) {
            (true, _) => ("accepted", ""),
            (false, true) => ("rejected", "电表拒绝"),
            (false, false) => ("rejected", "无此户号"),
        }
    }

    fn add(&mut self, row: &files::CreditRow, now: NaiveDateTime) -> io::Result<()> {
        let seed = self.config.seed;
        let Some(meter) = self.meters.get_mut(&row.account) else { return Ok(()) };
        meter.live_until(seed, now.date());
        meter.balance += row.fen;
        meter.credited += row.fen;
        let meter = meter.clone();
        self.note(&Line::Meter(meter))
    }

    /// Carries out relay commands; the text of the acknowledgement.
    fn switch(&mut self, rows: &[files::RelayRow], now: NaiveDateTime) -> io::Result<String> {
        let seed = self.config.seed;
        let mut answers = Vec::new();
        for row in rows {
            let Some(meter) = self.meters.get_mut(&row.account) else {
                answers.push((row, "rejected", "unknown"));
                continue;
            };
            meter.live_until(seed, now.date());
            let late = row.not_after.is_some_and(|limit| now > limit);
            if !late {
                meter.closed = row.command == Command::Close;
            }
            answers.push((row, if late { "expired" } else { "accepted" }, meter.state()));
            let meter = meter.clone();
            self.note(&Line::Meter(meter))?;
        }
        Ok(files::write_relay_ack(&answers))
    }

    /// Writes the balances read on a day at 18:00; returns the file's name.
    pub fn snapshot(&mut self, date: NaiveDate) -> io::Result<String> {
        let read_at = date.and_hms_opt(18, 0, 0).ok_or_else(|| io::Error::other("no 18:00 on this day"))?;
        self.snapshot_at(read_at)
    }

    /// Writes the balances read at this time; returns the file's name.
    pub fn snapshot_at(&mut self, read_at: NaiveDateTime) -> io::Result<String> {
        let seed = self.config.seed;
        self.meters.values_mut().for_each(|meter| meter.live_until(seed, read_at.date()));
        for meter in self.meters.values().cloned().collect::<Vec<_>>() {
            self.note(&Line::Meter(meter))?;
        }
        self.save()?;
        let name = format!("balances-{}.csv", read_at.date().format("%Y%m%d"));
        write_whole(&self.exchange.incoming, &name, files::write_balances(self.meters.values(), read_at).as_bytes())?;
        Ok(name)
    }

    fn note(&mut self, line: &Line) -> io::Result<()> {
        self.unsaved.push_str(&serde_json::to_string(line).map_err(io::Error::other)?);
        self.unsaved.push('\n');
        Ok(())
    }

    fn save(&mut self) -> io::Result<()> {
        append(&self.journal, &self.unsaved)?;
        self.unsaved.clear();
        Ok(())
    }

    /// Every meter.
    pub fn meters(&self) -> impl Iterator<Item = &Meter> {
        self.meters.values()
    }

    /// One meter.
    pub fn meter(&self, account: &str) -> Option<&Meter> {
        self.meters.get(account)
    }

    /// Every credit order that ever came.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.values()
    }

    /// Orders applied more than once: what must never happen.
    pub fn double_credits(&self) -> Vec<&Order> {
        self.orders.values().filter(|order| order.applied > 1).collect()
    }

    /// Credited to all meters, fen.
    pub fn credited(&self) -> i64 {
        self.meters.values().map(|meter| meter.credited).sum()
    }

    /// What could not be read, as `file: why`.
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }
}
