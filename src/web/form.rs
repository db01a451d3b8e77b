//! The paper form on A4, two copies (一式两联), printed by the browser. Asked for by a button, never by a link: what
//! stands on it is in clear, and who asked is recorded.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::model::person::IdType;
use yichong_core::model::role::Right;
use yichong_jobs::paper::{self, Paper};

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "form.html")]
struct Page {
    shell: Shell,
    paper: Paper,
    notes: Vec<String>,
    thresholds: Vec<(String, bool)>,
    amounts: Vec<(String, bool)>,
    copies: [(&'static str, &'static str); 2],
}

impl Page {
    /// What stands behind 其他, if it is no resident ID.
    fn other_id(&self) -> &'static str {
        match self.paper.id_type {
            IdType::Resident => "",
            IdType::Passport => "护照",
            IdType::Military => "军官证",
            IdType::HomeReturn => "港澳台通行证",
            IdType::Other => "其他",
        }
    }
}

/// Prints.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::Enrol).await?;
    let number: AccountNo = number.parse().map_err(|_| Refusal::NotFound)?;
    let paper = paper::of(&console.app, &visitor.row(), number).await?;
    let site = &console.app.config.site;
    let ticked = |boxes: &[Fen], chosen: i64| {
        boxes.iter().map(|fen| (fen.to_string().trim_end_matches(".00").to_owned(), fen.0 == chosen)).collect()
    };
    show(&Page {
        thresholds: ticked(&site.boxes.thresholds, paper.threshold_fen),
        amounts: ticked(&site.boxes.amounts, paper.amount_fen),
        notes: site
            .notes
            .iter()
            .map(|note| note.replace("{site}", &site.name).replace("{phone}", &site.phone))
            .collect(),
        copies: [("第一联", "银行留存联"), ("第二联", "客户联")],
        shell: Shell::of(&console, &visitor),
        paper,
    })
}
