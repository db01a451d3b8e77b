//! The counter's own commands, typed: what is shown before anything changes, a card that is never on the command line.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{Place, Site, block_on, household};

fn typed(site: &Site, line: &str, input: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yichong"));
    command.arg("--config").arg(site.config()).args(["--now", "2026-03-02T10:00:00"]).args(line.split_whitespace());
    command.env_clear().env("RUST_LOG", "warn").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (ended.status.code().unwrap(), said)
}

#[test]
fn the_counter_changes_a_card_and_looks_at_what_was() {
    block_on(async {
        let site = Site::plain(Place::sqlite(), &[household(1)]).await;
        site.staff().await;
        // 甲 and 乙 of the table have tokens with a blank in them: give them what can be typed.
        let token = |name: &str| format!("token{name}");
        for name in ["甲", "乙"] {
            use sha2::Digest as _;
            let hash = hex::encode(sha2::Sha256::digest(token(name).as_bytes()));
            let sql = format!("UPDATE person SET token_hash = '{hash}' WHERE name = '{name}'");
            crate::support::exec(&site.app.db, &sql).await.unwrap();
        }
        let by = |name: &str| format!("--by {name} --token {}", token(name));
        let act = format!("agreement replace-card 051600000001 --reason 挂失 {}", by("甲"));
        let (code, said) = typed(&site, &act, "6226 0900\n");
        assert!(code == 3 && said.contains("standard input") && !said.contains("6226"), "{code}: {said}");
        let (code, said) = typed(&site, &act, "6226090000000048\n");
        assert!(code == 0 && said.contains("****0048") && said.contains("nothing is changed yet"), "{said}");
        let approve = said.lines().find_map(|line| line.trim().strip_prefix("yichong ")).unwrap();
        let approve = approve.replace("--by NAME", &by("乙"));
        assert_eq!(typed(&site, &approve, "").0, 0);
        let (_, shown) = typed(&site, "agreement show 051600000001", "");
        assert!(shown.contains("版本 2") && shown.contains("0048") && !shown.contains("6226090000000048"), "{shown}");
        let (code, said) =
            typed(&site, &format!("agreement suspend 051600000001 --reason x --version 1 {}", by("甲")), "");
        assert!(code == 4 && said.contains("version 2 by now"), "{said}");
        assert_eq!(typed(&site, "agreements pending", "").0, 0);
    });
}
