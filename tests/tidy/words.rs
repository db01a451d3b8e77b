//! Rules about words: what a layer, a folder or the whole repository must not name.

use super::source::{File, has};
use super::{at, check, each, when, words};

/// Folder, the names it must not use, and what is allowed all the same. Arrows of the picture in `src/lib.rs`.
const LAYERS: &[(&str, &[&str], &[&str])] = &[
    ("src/core", &["sqlx", "tokio", "axum", "reqwest", "std::fs", "std::net", "Utc::now", "SystemTime"], &[]),
    ("src/core/model", &["crate::rules", "crate::formats"], &[]),
    ("src/core/rules", &["crate::formats"], &["crate::formats::records"]),
    ("src/core/formats", &["crate::rules"], &[]),
    ("src/store", &["yichong_gateways", "yichong_simulator"], &[]),
    ("src/gateways", &["yichong_store", "yichong_simulator", "sqlx"], &[]),
    ("src/jobs", &["sqlx", "clap", "axum"], &[]),
    ("src/web", &["sqlx", "clap", "std::fs"], &[]),
    ("src/simulator", &["yichong_core", "yichong_store", "yichong_gateways"], &[]),
];

/// Files of the money path that may use f32 or f64, each with the reason.
const FLOATS: &[(&str, &str)] = &[];

#[test]
fn layers_know_only_what_is_below() {
    let red = [
        ("src/core/rules/a.rs", "use std::{fmt, fs};"),
        ("src/core/rules/b.rs", "use crate::formats::{records::Row, cut};"),
        ("src/core/model/a.rs", "fn a() { crate::rules::b() }"),
        ("src/store/a.rs", "use yichong_gateways::{\n    clock,\n    door::Door,\n};"),
        ("src/gateways/a/b.rs", "pub use yichong_store as s;"),
        ("src/jobs/a.rs", "use {\n    chrono,\n    clap::Args,\n};"),
        ("src/simulator/b.rs", "use yichong_core::model;"),
    ];
    let green = [
        ("src/core/rules/c.rs", "use crate::formats::{records::Row, records::Col}; // std::fs"),
        ("src/simulator/c.rs", "use crate::bank;\npub(crate) fn a() {}"),
        ("src/jobs/c.rs", "use crate::claps; fn a() { \"clap\" }"),
        ("src/store/b.rs", "use crate::storefront;"),
    ];
    check(&red, &green, |files| {
        each(files, |f| {
            let mut found = Vec::new();
            let path = f.path.trim_end_matches(".rs");
            let inside = |folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
            for (folder, forbidden, except) in LAYERS.iter().filter(|(folder, ..)| inside(folder)) {
                for (line, text) in f.names() {
                    let text = except.iter().fold(text, |text, name| text.replace(name, ""));
                    let named = forbidden.iter().filter(|name| has(&text, name));
                    let advice = |name| format!("{folder} must not name `{name}`: move this to a layer that may");
                    found.extend(named.map(|name| (line, advice(name))));
                }
            }
            found
        })
    });
}

#[test]
fn sql_is_in_the_store_only() {
    let red = [
        ("src/jobs/a.rs", "fn a() { sqlx::query(B) }"),
        ("src/web/a.rs", "const A: &str = \"SELECT 1\";"),
        ("src/cli/a.rs", "const A: &str = r#\"\n  UPDATE debit\n SET a = 1\"#;"),
        ("src/core/a.rs", "const A: &str = \"INSERT INTO a\";"),
        ("src/core/b.rs", "const A: &str = \"WITH b AS (SELECT a FROM c)\";"),
    ];
    let green = [("src/store/a.rs", "const A: &str = \"SELECT 1\";"), ("src/web/b.rs", "// \"SELECT \"\n\"UPDATED\"")];
    check(&red, &green, |files| {
        let elsewhere = |f: &&File| f.is_src() && !f.path.starts_with("src/store/");
        let advice = "SQL lives in src/store: call a function there".to_owned();
        let pairs = [["SELECT", "FROM"], ["INSERT", "INTO"], ["UPDATE", "SET"], ["DELETE", "FROM"]];
        let is_sql = |text: &str| {
            let starts = text.trim_start_matches(['r', '#', '"']).trim_start();
            let pair = pairs.iter().any(|pair| pair.iter().all(|word| has(text, word)));
            pair || ["SELECT ", "UPDATE "].iter().any(|word| starts.starts_with(word))
        };
        let mut found = Vec::new();
        for f in files.iter().filter(elsewhere) {
            let names = f.names().into_iter().filter(|(_, text)| text.contains("sqlx::query"));
            let strings = f.strings.iter().filter(|(_, text)| is_sql(text)).cloned();
            found.extend(names.chain(strings).map(|(line, _)| at(f, line, &advice)));
        }
        found
    });
}

#[test]
fn the_time_is_asked_in_one_file() {
    let green = [("src/gateways/clock.rs", "Utc::now()"), ("src/jobs/b.rs", "// Utc::now()")];
    let red = [("src/jobs/a.rs", "fn a() { chrono::Utc::now() }"), ("src/web/a.rs", "SystemTime::now()")];
    check(&red, &green, |files| {
        let asks = ["Utc::now", "Local::now", "SystemTime::now"];
        let elsewhere = |f: &File| f.is_src() && f.path != "src/gateways/clock.rs";
        words(files, elsewhere, &asks, "take the time as an argument or ask the clock of gateways/clock.rs")
    });
}

#[test]
fn no_bank_is_named_in_the_source() {
    let red = [("src/core/a.rs", "/// As UnionPay."), ("src/jobs/a.rs", "bank == \"ICBC\""), ("src/a.rs", "CMT031")];
    check(&red, &[("src/simulator/a.rs", "// CCB"), ("src/b.rs", "// occbx ccb_x")], |files| {
        each(files, |f| {
            let mut found = Vec::new();
            let ours = f.is_src() && !f.path.starts_with("src/simulator/");
            for (line, text) in f.text.lines().enumerate().filter(|_| ours) {
                let text = text.to_lowercase();
                let part = ["unionpay", "allinpay", "cmt031", "dld032"].into_iter().find(|name| text.contains(name));
                let word = ["ccb", "icbc"].into_iter().find(|name| has(&text, name));
                let bank = part.or(word).unwrap_or_default();
                let advice =
                    format!("`{bank}` is one bank's word: say what kind of thing it is; banks are files in formats/");
                found.extend(when(!bank.is_empty(), line + 1, advice));
            }
            found
        })
    });
}

#[test]
fn nothing_is_left_unfinished_or_silenced() {
    let red = [("src/a.rs", "todo!()"), ("src/b.rs", "#[allow(dead_code)]"), ("tests/c.rs", "#[ignore]\nfn a() {}")];
    check(&red, &[("src/d.rs", "#[expect(dead_code, reason = \"todo!()\")]")], |files| {
        let silent = ["todo!(", "unimplemented!(", "dbg!(", "[allow("];
        let mut found =
            words(files, File::is_src, &silent, "finish it; a lint is answered by `#[expect(…, reason = …)]`");
        found.extend(words(files, File::is_rust, &["#[ignore"], "no test is left out: slow ones ask for YICHONG_LONG"));
        found
    });
}

#[test]
fn money_is_never_a_float() {
    let red = [("src/core/a.rs", "fn a(x: f64) {}"), ("src/jobs/a.rs", "1 as f32")];
    check(&red, &[("src/web/a.rs", "f64"), ("src/store/a.rs", "// f64")], |files| {
        let layers = ["src/core/", "src/store/", "src/jobs/"];
        let money = |f: &File| f.is_src() && layers.iter().any(|layer| f.path.starts_with(layer));
        let strict = |f: &File| money(f) && !FLOATS.iter().any(|(path, _)| f.path == *path);
        words(files, strict, &["f32", "f64"], "money is whole fen: use Fen, or list the file in FLOATS with a reason")
    });
}

#[test]
fn nobody_else_s_house_is_named() {
    let hosts = [concat!("crates", ".io"), concat!("pypi", ".org"), concat!("npm", "js"), concat!("debian", ".org")];
    let paths = [concat!("/work", "/main"), concat!("/work", "/shared")];
    check(&[("docs/a.md", hosts[0]), ("src/a.rs", paths[0])], &[("Cargo.lock", hosts[0])], |files| {
        each(files, |f| {
            let banned = |line: &str| hosts.iter().chain(&paths).any(|word| line.to_lowercase().contains(word));
            let lines = f.text.lines().enumerate().filter(|(_, line)| !f.path.ends_with("Cargo.lock") && banned(line));
            let advice = "names a registry's host or one machine's path: leave it out";
            lines.map(|(n, _)| (n + 1, advice.to_owned())).collect()
        })
    });
}
