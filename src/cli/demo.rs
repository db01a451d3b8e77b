//! `demo`: five days of the sample campus, through the real jobs and files; the partners are the simulators.

mod partners;
mod setup;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{Days, NaiveDate, NaiveTime};
use clap::Args as ClapArgs;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::category::Category;

use self::partners::{Partner, Partners};
use super::output;
use crate::gateways::clock::{Clock, instant};
use crate::jobs::runner::{self, Ended};
use crate::jobs::{App, JobError, Kind, verify};
use crate::simulator::{Bank, CampusConfig, HeadEnd, HeadEndConfig, campus};
use crate::store::report::{self, DayFigures};

/// A holiday, a Thursday, a Friday, a make-up working Saturday, a Sunday.
const DATES: [(&str, &str); 5] = [
    ("2026-10-07", "周三 国庆节"),
    ("2026-10-08", "周四"),
    ("2026-10-09", "周五"),
    ("2026-10-10", "周六 调休上班"),
    ("2026-10-11", "周日"),
];

const CONFIG: &str = include_str!("../../samples/campus/yichong.toml");
const BANKS: &str = include_str!("../../samples/campus/banks-2026.csv");
const CUTS: &str = include_str!("../../samples/campus/cuts-2026.csv");
const PARTNERS: &str = include_str!("../../samples/campus/partners.toml");
const NAMES: &str = include_str!("../../samples/campus/names.txt");

/// Plays five days of a made-up campus through the real jobs and files.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Where to play and keep everything; a new folder in the system's temporary folder if not given.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Seed of everything made up.
    #[arg(long, default_value_t = 20_261_007)]
    seed: u64,
    /// How many households.
    #[arg(long, default_value_t = 2_000)]
    households: u32,
}

/// Plays.
pub async fn run(args: &Args) -> Result<ExitCode, JobError> {
    let folder = folder(args)?;
    output::say(format!("示例校园在 {}", folder.display()));
    let mut world = World::open(&folder, args).await?;
    for (date, words) in DATES {
        let date: NaiveDate = date.parse().map_err(|_| JobError::new(Kind::Usage, format!("date {date}")))?;
        output::say(format!("{date} {words}"));
        world.day(date).await?;
    }
    let findings = verify::verify(&world.app, None).await?;
    let table = world.table().await?;
    world.app.db.close().await;
    output::say(table);
    output::say(format!(
        "看这里: {0}/data/reports (结算表、日终证书), {0}/exchange (与银行、电表、短信往来的文件)\n\
         接着试: cd {0} && yichong explain 051600000001 --date 2026-10-09 · \
         yichong breaks · yichong runs · yichong verify\n\
         网页: yichong person invite 复核乙 (得到一次性密码)，再 yichong --now 2026-10-12T10:00:00 serve",
        folder.display()
    ));
    if findings.is_empty() {
        output::say(output::green("校验通过: 分文不差"));
        return Ok(ExitCode::SUCCESS);
    }
    output::say(verify::message(&findings));
    Ok(ExitCode::from(Kind::Books as u8))
}

fn folder(args: &Args) -> Result<PathBuf, JobError> {
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("yichong-demo-{}", std::process::id())),
    };
    if folder.join("yichong.toml").exists() {
        return Err(JobError::input(format!("{} holds a demo already; choose another folder", folder.display())));
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Our program, two banks and the meters.
struct World {
    app: App,
    banks: Vec<(Bank, Partner)>,
    meters: HeadEnd,
}

impl World {
    async fn open(folder: &Path, args: &Args) -> Result<World, JobError> {
        for door in ["boc/out", "boc/in", "jianshe/out", "jianshe/in", "meters/out", "meters/in", "sms"] {
            fs::create_dir_all(folder.join("exchange").join(door))?;
        }
        let made = campus(&CampusConfig {
            seed: args.seed,
            households: args.households,
            names: NAMES,
            banks: &["BOC", "BOC", "JSB"],
        });
        let files = [
            ("yichong.toml", CONFIG),
            ("banks-2026.csv", BANKS),
            ("cuts-2026.csv", CUTS),
            ("accounts.csv", made.accounts.as_str()),
            ("agreements.csv", made.agreements.as_str()),
        ];
        for (name, text) in files {
            fs::write(folder.join(name), text)?;
        }
        let partners: Partners =
            toml::from_str(PARTNERS).map_err(|e| JobError::input(format!("partners.toml: {e}")))?;
        let opened_on = day("2026-10-06")?;
        let clock = Clock::Fixed(instant(opened_on, time(9, 0)));
        let mut app = App::open(&folder.join("yichong.toml"), clock).await?;
        app.progress = output::progress();
        setup::take_in(&app, folder).await?;
        let meters = HeadEnd::open(
            &folder.join("exchange/meters"),
            HeadEndConfig {
                seed: args.seed,
                scenario: word(&partners.meters.scenario)?,
                idempotent: true,
                opened_on,
                balances: made.balances,
            },
        )?;
        let mut banks = Vec::new();
        for partner in partners.bank {
            let exchange = folder.join("exchange").join(&partner.folder);
            banks.push((Bank::open(&exchange, partner.config(args.seed)?)?, partner));
        }
        Ok(World { app, banks, meters })
    }

    /// One business date: its evening, the morning after, and its closing.
    async fn day(&mut self, date: NaiveDate) -> Result<(), JobError> {
        let morning = date.checked_add_days(Days::new(1)).unwrap_or(date);
        self.meters.snapshot(date)?;
        self.job("nightly", date, date, time(22, 0)).await?;
        let friday = date == day("2026-10-09")?;
        for (bank, partner) in &mut self.banks {
            let words = partner.friday.as_ref().filter(|_| friday).unwrap_or(&partner.scenario);
            bank.set_scenario(word(words)?);
            bank.receive(date)?;
            bank.answer(date)?;
            bank.statement(date)?;
        }
        self.job("returns", morning, morning, time(6, 0)).await?;
        self.meters.run(morning.and_time(time(6, 5)))?;
        self.job("returns", morning, morning, time(8, 30)).await?;
        self.job("settlement", morning, morning, time(9, 15)).await?;
        self.job("close", date, morning, time(19, 0)).await
    }

    async fn job(&mut self, job: &str, date: NaiveDate, on: NaiveDate, at: NaiveTime) -> Result<(), JobError> {
        self.app.clock = Clock::Fixed(instant(on, at));
        match runner::run(&self.app, job, date).await? {
            Ended::Waiting { step, reason } => {
                Err(JobError::new(Kind::Waiting, format!("{job} of {date} waits in {step}: {reason}")))
            }
            Ended::Done { .. } | Ended::AlreadyDone => Ok(()),
        }
    }

    /// What finance wants to see of the five dates.
    async fn table(&self) -> Result<String, JobError> {
        let titles =
            ["日期", "银行", "应扣", "已送", "已扣", "失败 (原因)", "已充", "短信", "在途", "差错", "清算余额", "挂账"];
        let mut table = output::table(&titles, &[2, 3, 4, 6, 7, 8, 10, 11]);
        let mut tx = self.app.db.read().await?;
        for (date, words) in DATES {
            for figures in report::day(&mut tx, day(date)?).await? {
                table.add_row(row(date, words, &figures));
            }
        }
        Ok(table.to_string())
    }
}

fn row(date: &str, words: &str, f: &DayFigures) -> Vec<String> {
    let money = |count: &report::Count| format!("{} 笔\n{}", count.count, output::yuan(count.sum_fen));
    let total = |counts: &mut dyn Iterator<Item = &report::Count>| counts.map(|count| count.count).sum::<i64>();
    let refused = f.refused.iter().map(|(word, count)| {
        let zh = word.parse::<Category>().map_or_else(|_| word.clone(), |c| c.zh().to_owned());
        format!("{zh} {}", count.count)
    });
    let breaks = f.breaks.iter().map(|(word, count)| {
        let zh = word.parse::<BreakKind>().map_or_else(|_| word.clone(), |k| k.zh().to_owned());
        format!("{zh} {}", count.count)
    });
    vec![
        format!("{date}\n{words}"),
        f.bank_name.clone(),
        money(&f.due),
        money(&f.sent),
        money(&f.paid),
        refused.collect::<Vec<_>>().join("\n"),
        money(&f.credited),
        total(&mut f.sms.values()).to_string(),
        total(&mut f.in_transit.values()).to_string(),
        breaks.collect::<Vec<_>>().join("\n"),
        output::yuan(f.clearing_fen),
        output::yuan(f.suspense_fen),
    ]
}

fn day(text: &str) -> Result<NaiveDate, JobError> {
    text.parse().map_err(|_| JobError::new(Kind::Usage, format!("`{text}` is no date")))
}

fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}

fn word<S: std::str::FromStr>(words: &str) -> Result<S, JobError>
where
    S::Err: std::fmt::Display,
{
    words.parse().map_err(|e: S::Err| JobError::new(Kind::Usage, e.to_string()))
}
