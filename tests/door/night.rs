//! Whole days with a bank behind SFTP, and nights when one bank's door is shut.

use std::fs;

use yichong::jobs::Kind;
use yichong::simulator::Bank;

use super::line::Line;
use super::server::Server;
use crate::support::partners::partner;
use crate::support::site::day;
use crate::support::{Place, Site, both, household, texts};

both!(a_played_day_over_sftp, a_shut_door_stops_nobody_else);

/// A site whose bank PLAIN lives behind a server, the other one in its folder.
pub async fn behind(place: Place, server: &Server, port: u16, more: &str) -> Site {
    let mut site = Site::with(place, "", &["PLAIN", "PIPE"]).await;
    let text = fs::read_to_string(site.config()).unwrap();
    let (out, into) = (server.path("out"), server.path("in"));
    let text = text.replace("exchange/plain/out", out.to_str().unwrap());
    let text = text.replace("exchange/plain/in", into.to_str().unwrap());
    let door = format!("[bank.door]\n{}{more}[bank.params]\nmerchant = \"M001\"", server.toml(port));
    fs::write(site.config(), text.replacen("[bank.params]\nmerchant = \"M001\"", &door, 1)).unwrap();
    site.app.db.close().await;
    site.app = yichong::jobs::App::open(&site.config(), site.app.clock).await.unwrap();
    site.enrol(&[household(1), household(2), household(3).at("PIPE")]).await;
    site
}

/// The bank whose exchange folder is the server's.
pub fn bank(server: &Server) -> Bank {
    partner(server.folder.path(), "PLAIN", "")
}

async fn states(site: &Site) -> Vec<String> {
    texts(&site.app.db, "SELECT bank || ' ' || state FROM batch ORDER BY bank").await
}

async fn a_played_day_over_sftp(place: Place) {
    let server = Server::start();
    let mut site = behind(place, &server, server.port, "").await;
    let mut bank = bank(&server);
    let date = "2026-03-02";
    site.night(date).await;
    assert_eq!(states(&site).await, ["PIPE sent", "PLAIN sent"]);
    assert_eq!(site.answered(&mut bank, date).await.len(), 1);
    let paid = "SELECT state FROM debit WHERE bank = 'PLAIN' ORDER BY account";
    assert_eq!(texts(&site.app.db, paid).await, ["credited", "credited"]);
    site.settled(&mut bank, date).await;
    let settled = "SELECT COUNT(*) || '' FROM debit WHERE bank = 'PLAIN' AND settled_by IS NOT NULL";
    assert_eq!(texts(&site.app.db, &settled.replace("COUNT(*)", "CAST(COUNT(*) AS TEXT)")).await, ["2"]);
    assert!(bank.double_debits().is_empty());
    assert_eq!(fs::read_dir(server.path("in")).unwrap().count(), 0, "taken files are taken away");
    site.green().await;
}

async fn a_shut_door_stops_nobody_else(place: Place) {
    let server = Server::start();
    let line = Line::to(server.port);
    let mut site = behind(place, &server, line.port, "").await;
    let date = "2026-03-02";
    // Every connection dies in its handshake.
    line.broken(true);
    let error = site.try_run("nightly", date, "2026-03-02T22:00:05").await.unwrap_err();
    assert_eq!(error.kind, Kind::Waiting, "{error}");
    assert!(error.message.contains("bank PLAIN") && error.message.contains("run again"), "{error}");
    assert_eq!(states(&site).await, ["PIPE sent", "PLAIN released"]);
    let run = "SELECT state FROM run WHERE job = 'nightly'";
    assert_eq!(texts(&site.app.db, run).await, ["waiting"], "the scheduler tries it again every minute");
    // The other bank's answer is taken in and booked meanwhile.
    let mut pipe = site.partner("PIPE", "");
    pipe.receive(day(date)).unwrap();
    pipe.answer(day(date)).unwrap();
    let error = site.try_run("returns", date, "2026-03-02T23:10:00").await.unwrap_err();
    assert_eq!(error.kind, Kind::Waiting, "{error}");
    let other = "SELECT state FROM debit WHERE bank = 'PIPE'";
    assert_eq!(texts(&site.app.db, other).await, ["credited"]);
    line.broken(false);
    site.run("nightly", date, "2026-03-02T23:15:00").await;
    assert_eq!(states(&site).await, ["PIPE sent", "PLAIN sent"]);
    let mut plain = bank(&server);
    plain.receive(day(date)).unwrap();
    plain.answer(day(date)).unwrap();
    // The sweep goes on where it stopped, and what comes after the door is done once more.
    site.run("returns", date, "2026-03-02T23:20:00").await;
    let all = "SELECT DISTINCT state FROM debit";
    assert_eq!(texts(&site.app.db, all).await, ["credited"]);
    site.green().await;
}
