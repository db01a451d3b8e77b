//! A business date: every bank's settlement report, and whether the day is closed.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono::NaiveDate;
use yichong_core::model::role::Right;
use yichong_jobs::report;
use yichong_store::certificates::{self, CertificateRow};

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "day.html")]
struct Page {
    shell: Shell,
    date: NaiveDate,
    before: Option<NaiveDate>,
    after: Option<NaiveDate>,
    certificate: Option<CertificateRow>,
    banks: Vec<Bank>,
}

struct Bank {
    name: String,
    parts: Vec<Part>,
}

/// Lines under one heading.
struct Part {
    name: &'static str,
    lines: Vec<report::Line>,
}

/// The page.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(date): Path<String>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeMoney).await?;
    let date: NaiveDate = date.parse().map_err(|_| Refusal::NotFound)?;
    let reports = report::of_day(&console.app, date).await?;
    let certificate = certificates::find(&mut console.app.db.read().await?, date).await?;
    let bank = |report: &report::Report| Bank { name: report.figures.bank_name.clone(), parts: parts(report) };
    let banks = reports.iter().map(bank).collect();
    let (before, after) = (date.pred_opt(), date.succ_opt().filter(|day| *day <= console.app.clock.today()));
    show(&Page { shell: Shell::of(&console, &visitor), date, before, after, certificate, banks })
}

fn parts(report: &report::Report) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in report::lines(report) {
        match parts.last_mut() {
            Some(part) if part.name == line.part => part.lines.push(line),
            _ => parts.push(Part { name: line.part, lines: vec![line] }),
        }
    }
    parts
}
