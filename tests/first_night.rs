//! A first real night as the README tells it: the program itself, on its own files, by two people with tokens; and what
//! it says to a typo, to the same person twice, to a wrong hash. On both databases.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Place, both};

both!(the_readmes_ten_lines, what_people_do_wrong);

const BANK: &str = r#"
[[bank]]
no = 1
code = "BOC"
name = "中国银行"
calendar = "boc"
debit = "unionpay-dk-debit"
answers = ["unionpay-dk-answer"]
statements = ["plain-statement"]
out = "exchange/boc/out"
into = "exchange/boc/in"
answer_days = 1
settle_days = 1
cutoff = "23:30"
confirms = false
[bank.params]
institution = "00000000"
merchant = "700000000000001"
"#;
const ACCOUNTS: &str = "户号,户主,地址,表号\n051600000001,王芳,东区1幢101,M1\n051600000002,李强,东区1幢102,M2\n";
const BALANCES: &str =
    "户号,余额,读数时间\n051600000001,12.50,2026-11-20 15:00:00\n051600000002,30.00,2026-11-20 15:00:00\n";
const LIST: &str = "户号,银行,姓名,证件类型,证件号码,卡号,手机,阈值,金额,签约时间\n\
    051600000001,BOC,王芳,居民身份证,341126197709218366,6216600000000000004,13552535506,30,50,2026-01-05 09:00:00\n\
    051600000002,BOC,李强,居民身份证,341126197709218366,6216600000000000012,13552535507,30,50,2026-01-05 09:01:00\n";

/// The program on the site's folder, at a fixed time.
struct Desk<'a> {
    folder: &'a Path,
    now: &'static str,
}

impl Desk<'_> {
    fn runs(&self, line: &str) -> (i32, String) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_yichong"));
        command.args(["--now", self.now]).args(words).current_dir(self.folder).env_clear().env("RUST_LOG", "warn");
        let ended = command.output().unwrap();
        let said = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (ended.status.code().unwrap(), said)
    }

    fn well(&self, line: &str) -> String {
        let (code, said) = self.runs(line);
        assert_eq!(code, 0, "{line}: {said}");
        said
    }

    fn refused(&self, line: &str, code: i32, words: &[&str]) {
        let (ended, said) = self.runs(line);
        assert_eq!(ended, code, "{line}: {said}");
        for word in words {
            assert!(said.contains(word), "{line}: `{word}` is missing in: {said}");
        }
    }

    /// A person; gives the token that is printed once.
    fn person(&self, name: &str, role: &str) -> String {
        let said = self.well(&format!("person add {name} --role {role}"));
        let token =
            said.split_whitespace().find(|word| word.len() >= 32 && word.chars().all(|c| c.is_ascii_hexdigit()));
        token.unwrap_or_else(|| panic!("no token in: {said}")).to_owned()
    }
}

/// The first word of 64 hexadecimal digits.
fn hash(said: &str) -> String {
    let words = said.split(|c: char| !c.is_ascii_hexdigit());
    words.into_iter().find(|word| word.len() == 64).unwrap_or_else(|| panic!("no hash in: {said}")).to_owned()
}

/// A site with a bank, its calendar, two households and their list, entered by 王芳 and not released yet: both tokens,
/// and the list's hash.
fn site(place: &Place) -> (Desk<'_>, [String; 2], String) {
    let desk = Desk { folder: place.folder.path(), now: "2026-11-20T16:00:00" };
    desk.well("init .");
    let config = fs::read_to_string(desk.folder.join("yichong.toml")).unwrap();
    let url = config.lines().find(|line| line.starts_with("url = ")).unwrap();
    fs::write(desk.folder.join("yichong.toml"), config.replace(url, &format!("url = \"{}\"", place.url)) + BANK)
        .unwrap();
    for (name, text) in [("accounts.csv", ACCOUNTS), ("balances.csv", BALANCES), ("list.csv", LIST)] {
        fs::write(desk.folder.join(name), text).unwrap();
    }
    fs::write(desk.folder.join("holidays.csv"), "日期,上班,名称\n2026-10-01,否,国庆节\n").unwrap();
    let tokens = [desk.person("王芳", "teller"), desk.person("李强", "supervisor")];
    for calendar in ["boc", "cuts"] {
        desk.well(&format!("import calendar holidays.csv --calendar {calendar} --year 2026"));
    }
    desk.well("import accounts accounts.csv --dry-run");
    desk.well("import accounts accounts.csv");
    desk.well("import balances balances.csv");
    let entered = desk.well(&format!("import agreements list.csv --by 王芳 --token {}", tokens[0]));
    let list = hash(&entered);
    (desk, tokens, list)
}

async fn the_readmes_ten_lines(place: Place) {
    let (mut desk, tokens, list) = site(&place);
    // What only one person has seen is not in force.
    assert!(desk.well("plan --date 2026-11-20").contains('0'), "nothing is planned yet");
    let shown = desk.well(&format!("propose import:{list} release --reason 存量接收 --by 王芳 --token {}", tokens[0]));
    let approve = shown.lines().find_map(|line| line.trim().strip_prefix("yichong approve ")).unwrap();
    let approve = approve.replace("NAME", "李强");
    desk.well(&format!("approve {approve} --token {}", tokens[1]));
    let planned = desk.well("plan --date 2026-11-20 --out look --json");
    let plan: serde_json::Value = serde_json::from_str(&planned).unwrap();
    let file = &plan["files"][0];
    // 12.50 is below 30.00; 30.00 is not.
    assert_eq!((file["count"].as_i64(), plan["files"].as_array().unwrap().len()), (Some(1), 1), "{planned}");
    assert!(!planned.contains("6216600000000000004"), "cards are masked");
    desk.now = "2026-11-20T22:00:00";
    // The bank's folder is not mounted: nothing is sent, the run goes on once it is there.
    desk.refused("run nightly --date 2026-11-20", 8, &["exchange/boc/out", "mounted"]);
    for door in ["out", "in"] {
        fs::create_dir_all(desk.folder.join("exchange/boc").join(door)).unwrap();
    }
    desk.well("run nightly --date 2026-11-20");
    let name = file["file_name"].as_str().unwrap();
    let sent = fs::read(desk.folder.join("exchange/boc/out").join(name)).unwrap();
    assert_eq!(sent, fs::read(desk.folder.join("look").join(name)).unwrap(), "the plan's bytes are the night's");
    // A second time: done before, nothing new.
    desk.well("run nightly --date 2026-11-20");
    assert_eq!(fs::read_dir(desk.folder.join("exchange/boc/out")).unwrap().count(), 1);
    assert!(desk.well("explain 051600000002 --date 2026-11-20").contains("30.00"));
    desk.well("verify");
    let report: serde_json::Value = serde_json::from_str(&desk.well("report --date 2026-11-20 --json")).unwrap();
    assert!(report[0]["ages"].is_object() && report[0]["bank"] == "BOC", "{report}");
}

async fn what_people_do_wrong(place: Place) {
    let (desk, tokens, list) = site(&place);
    let [teller, supervisor] = &tokens;
    // Whoever enters agreements is their maker, and shows it.
    desk.refused("import agreements list.csv --by 王芳", 2, &["--token"]);
    desk.refused(&format!("import agreements list.csv --by 王芳 --token {supervisor}"), 4, &["王芳"]);
    desk.refused("run nightli --date 2026-11-20", 2, &["nightli", "nightly"]);
    desk.refused("run nightly --date 2026-02-30", 2, &["2026-02-30"]);
    desk.refused("propose import:beef release --reason x --by 王芳 --token wrong", 4, &["王芳"]);
    let propose = format!("propose import:{list} release --reason 存量 --by 王芳 --token {teller}");
    let shown = desk.well(&propose);
    let approve = shown.lines().find_map(|line| line.trim().strip_prefix("yichong approve ")).unwrap();
    let (object, shown) = approve.split_once(' ').unwrap();
    let shown = hash(shown);
    // Whoever proposed cannot approve, not with the other's token either; a wrong hash approves nothing.
    desk.refused(&format!("approve {object} {shown} --by 王芳 --token {teller}"), 4, &["another person"]);
    desk.refused(&format!("approve {object} {shown} --by 李强 --token {teller}"), 4, &["李强"]);
    let other = "0".repeat(64);
    desk.refused(&format!("approve {object} {other} --by 李强 --token {supervisor}"), 4, &[&other]);
    assert!(desk.well("plan --date 2026-11-20 --json").contains("\"files\": []"), "nothing of it is in force");
    // The same list again, the same people in another file, and a file that is empty change nothing.
    assert!(desk.well(&format!("import agreements list.csv --by 王芳 --token {teller}")).contains("已经导入过"));
    fs::write(desk.folder.join("again.csv"), LIST.replace("09:00:00", "09:30:00")).unwrap();
    desk.refused(&format!("import agreements again.csv --by 王芳 --token {teller}"), 3, &["第2行", "051600000001"]);
    fs::write(desk.folder.join("empty.csv"), "").unwrap();
    desk.refused("import accounts empty.csv", 3, &["empty.csv"]);
    desk.refused("import accounts nowhere.csv", 3, &["nowhere.csv"]);
    desk.refused("explain 051600009999", 3, &["051600009999"]);
}
