//! Imports killed with SIGKILL at every declared point, then typed again: the tables come out as if nothing had
//! happened, every row stands once, and a list of agreements that is half entered is in force for nobody.
//!
//! Shown to turn red, each tried by hand and taken back: an import that takes its own rows of before the kill for
//! somebody else's; a list that may be released before the audit says that it is whole.

use std::collections::BTreeMap;
use std::fs;

use yichong::store::db::Db;

use super::world::World;
use crate::support::children::{self, End};
use crate::support::site::{Site, account};
use crate::support::{Place, block_on, both, texts};

/// One import, and the points it passes.
pub struct Import {
    words: &'static [&'static str],
    pub points: &'static [&'static str],
}

const NOW: &str = "2026-03-02T10:00:00";
const PAGES: &[&str] = &[
    "import.page.before_commit",
    "import.page.after_commit",
    "import.recorded.before_commit",
    "import.recorded.after_commit",
];
const AGREEMENTS: usize = 3;

/// In the order of a new site.
pub const IMPORTS: [Import; 4] = [
    Import {
        words: &["calendar", "calendar.csv", "--calendar", "banks"],
        points: &[
            "import.calendar.before_commit",
            "import.calendar.after_commit",
            "import.recorded.before_commit",
            "import.recorded.after_commit",
        ],
    },
    Import {
        words: &["accounts", "accounts.csv", "--skip-bad"],
        points: &[
            "import.rejects.after_fsync",
            "import.rejects.after_rename",
            "import.page.before_commit",
            "import.page.after_commit",
            "import.recorded.after_commit",
        ],
    },
    Import { words: &["balances", "balances.csv"], points: PAGES },
    Import { words: &["agreements", "agreements.csv", "--by", "甲", "--token", "token 甲"], points: PAGES },
];

both!(a_killed_import_of_agreements);

#[test]
fn killed_imports_of_calendar_accounts_and_balances() {
    block_on(async {
        for import in 0..AGREEMENTS {
            killed_everywhere(Place::sqlite(), import).await;
        }
    });
}

async fn a_killed_import_of_agreements(place: Place) {
    killed_everywhere(place, AGREEMENTS).await;
}

/// A site without households, and the files: seven accounts are three pages, one row of them is bad.
async fn world(place: Place) -> World {
    let site = Site::with(place, "", &["PLAIN"]).await;
    site.staff().await;
    let lines = |titles: &str, line: &dyn Fn(i64) -> String| {
        (1..=7).fold(format!("{titles}\n"), |text, nth| text + &line(nth) + "\n")
    };
    let accounts = lines("户号,户主,地址,表号,装表日期", &|n| {
        format!("{:012},测试{n},东1-{n},m{n},2026-01-05", account(n))
    });
    let balances = lines("户号,余额,读数时间", &|n| format!("{:012},{n}.50,2026-03-01 20:00:00", account(n)));
    let agreements =
        lines("户号,银行,姓名,证件类型,证件号码,卡号,手机,阈值,金额,签约时间", &|n| {
            format!(
                "{:012},PLAIN,测试{n},护照,e123456{n},622609000000004{n},1355253550{n},30,50,2026-01-05 09:0{n}:00",
                account(n)
            )
        });
    let files = [
        ("calendar.csv", "日期,上班,名称\n2026-10-01,否,国庆节\n2026-10-10,是,调休\n2027-01-01,否,元旦\n".to_owned()),
        ("accounts.csv", accounts + "051600000008,,没有户主,,\n"),
        ("balances.csv", balances),
        ("agreements.csv", agreements),
    ];
    for (name, text) in files {
        fs::write(site.folder().join(name), text).unwrap();
    }
    site.app.db.close().await;
    World { place: site.place }
}

fn import(world: &World, which: usize, crash: Option<&str>) -> End {
    let folder = world.folder();
    let mut words = vec!["import"];
    words.extend(IMPORTS[which].words);
    let mut command = children::command(&folder.join("yichong.toml"), NOW, &words, crash);
    command.current_dir(folder);
    children::run(command)
}

/// What must come out alike. A repeat says in the audit how much it found done; that it was done stands there once or
/// twice.
async fn look(world: &World) -> BTreeMap<&'static str, Vec<String>> {
    let db: Db = world.place.open().await;
    let tables = [
        ("calendar_day", "calendar || CAST(day AS TEXT) || CAST(works AS TEXT) || name"),
        ("calendar_year", "calendar || CAST(year AS TEXT) || source"),
        ("account", "CAST(account AS TEXT) || holder || address || CAST(created_at AS TEXT)"),
        ("device", "CAST(account AS TEXT) || device || CAST(from_day AS TEXT) || COALESCE(CAST(to_day AS TEXT), '-')"),
        ("balance", "CAST(account AS TEXT) || ' ' || CAST(paid_fen AS TEXT) || CAST(read_at AS TEXT)"),
        ("balance_past", "CAST(account AS TEXT) || CAST(paid_fen AS TEXT)"),
        ("agreement", "CAST(account AS TEXT) || CAST(number AS TEXT) || state || import_hash || maker"),
        ("agreement_event", "CAST(account AS TEXT) || CAST(event_no AS TEXT) || state || reason || actor"),
    ];
    let mut look = BTreeMap::new();
    for (table, columns) in tables {
        look.insert(table, texts(&db, &format!("SELECT {columns} FROM {table} ORDER BY 1")).await);
    }
    look.insert(
        "audit",
        texts(&db, "SELECT DISTINCT action || object FROM audit WHERE action LIKE 'import %' ORDER BY 1").await,
    );
    db.close().await;
    let rejects = fs::read_to_string(world.folder().join("accounts.csv.rejects.csv"));
    look.insert("rejects", rejects.into_iter().collect());
    look
}

fn well(world: &World, which: usize, what: &str) {
    match import(world, which, None) {
        End::Exit(0, _) => {}
        other => panic!("{what}: {other:?}"),
    }
}

async fn killed_everywhere(place: Place, which: usize) {
    let before = world(place).await;
    for earlier in 0..which {
        well(&before, earlier, "an earlier import");
    }
    let whole = before.copy().await;
    well(&whole, which, "uninterrupted");
    let expected = look(&whole).await;
    let most = if before.place.embedded() { 9 } else { 2 };
    for point in IMPORTS[which].points {
        for nth in 1..=most {
            let what = format!("import {:?} killed at {point}:{nth}", IMPORTS[which].words);
            let world = before.copy().await;
            match import(&world, which, Some(&format!("{point}:{nth}"))) {
                End::Killed => {}
                End::Exit(0, _) if nth > 1 => break,
                other => panic!("{what}: {other:?}"),
            }
            let recorded = *point == "import.recorded.after_commit";
            if which == AGREEMENTS && !recorded {
                nobody_can_release(&world, &what).await;
            }
            if *point == "import.calendar.before_commit" {
                let db = world.place.open().await;
                let days = texts(&db, "SELECT name FROM calendar_day").await;
                assert_eq!(days, Vec::<String>::new(), "{what}: a calendar is imported whole or not at all");
                db.close().await;
            }
            well(&world, which, &what);
            assert_eq!(expected, look(&world).await, "{what}");
        }
    }
}

/// What is half entered waits; two people cannot put it in force.
async fn nobody_can_release(world: &World, what: &str) {
    use sha2::Digest as _;
    let hash = hex::encode(sha2::Sha256::digest(fs::read(world.folder().join("agreements.csv")).unwrap()));
    let act = |words: &[&str]| {
        let config = world.folder().join("yichong.toml");
        children::run(children::command(&config, NOW, words, None))
    };
    let object = format!("import:{hash}");
    let reason = ["--reason", "存量", "--by", "甲", "--token", "token 甲"];
    let proposed = act(&[&["propose", &object, "release"], &reason[..]].concat());
    let End::Exit(0, said) = proposed else {
        // Not one page was kept: there is nothing to propose.
        return;
    };
    let shown = said.split_whitespace().find(|word| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()));
    let refused = act(&["approve", &object, shown.unwrap(), "--by", "乙", "--token", "token 乙"]);
    assert!(
        matches!(&refused, End::Exit(code, said) if *code != 0 && said.contains("import the same file again")),
        "{what}: {refused:?}"
    );
    let db = world.place.open().await;
    assert_eq!(
        texts(&db, "SELECT state FROM agreement WHERE state <> 'pending'").await,
        Vec::<String>::new(),
        "{what}"
    );
    db.close().await;
}
