//! Runs: claimed with a lease and a fencing number, each step recorded, so that a run resumes where it stopped.

use chrono::{DateTime, NaiveDate, Utc};

use super::db::{Result, StoreError, Tx, on};

/// A run as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RunRow {
    /// Job's name.
    pub job: String,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// `running`, `done`, `failed`, `waiting`, `skipped`.
    pub state: String,
    /// Which pass of a sweep.
    pub pass: i64,
    /// Who holds it: host and process.
    pub owner: String,
    /// Until when, unless renewed.
    pub lease_until: DateTime<Utc>,
    /// Raised at every claim: an older holder's writes are refused.
    pub fence: i64,
    /// The scheduled instant.
    pub scheduled_at: DateTime<Utc>,
    /// When this pass began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Hashes of configuration, formats, jobs and calendars, as JSON.
    pub inputs: String,
    /// Why it waits or failed.
    pub message: Option<String>,
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StepRow {
    /// Which pass.
    pub pass: i64,
    /// Step's word.
    pub step: String,
    /// `running`, `done`, `failed`, `waiting`.
    pub state: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it counted, as JSON.
    pub tally: Option<String>,
    /// Why it waits or failed.
    pub message: Option<String>,
}

/// What a claim needs to know.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    /// Job's name.
    pub job: &'a str,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// This process.
    pub owner: &'a str,
    /// Now.
    pub now: DateTime<Utc>,
    /// Until when it is ours unless renewed.
    pub lease_until: DateTime<Utc>,
    /// The scheduled instant; kept from the first claim.
    pub scheduled_at: DateTime<Utc>,
    /// Hashes of what the run works with.
    pub inputs: &'a str,
    /// A sweep that is done begins a new pass.
    pub sweep: bool,
    /// A holder known to be dead: its lease need not run out.
    pub dead: Option<&'a str>,
}

/// Claims a run: makes it, takes over a dead one, resumes a failed or waiting one, or begins a sweep's next pass.
/// `None`: somebody else holds it, or it is done.
pub async fn claim(tx: &mut Tx, claim: &Claim<'_>) -> Result<Option<RunRow>> {
    const MAKE: &str = "INSERT INTO run (job, business_date, state, pass, owner, lease_until, fence, scheduled_at,
        started_at, inputs) VALUES ($1, $2, 'running', 1, $3, $4, 1, $5, $6, $7)
        ON CONFLICT (job, business_date) DO NOTHING";
    // The guard is repeated outside any subquery: two claims at once cannot both change the row.
    const TAKE: &str = "UPDATE run SET state = 'running', owner = $3, lease_until = $4, fence = fence + 1,
        pass = CASE WHEN state = 'done' THEN pass + 1 ELSE pass END, inputs = $6, finished_at = NULL, message = NULL,
        started_at = CASE WHEN state = 'done' THEN $5 ELSE started_at END
        WHERE job = $1 AND business_date = $2
        AND (state IN ('failed', 'waiting') OR (state = 'running' AND lease_until < $5) OR (state = 'done' AND $7)
        OR (state = 'running' AND owner = $8))";
    let made = on!(tx, |c| sqlx::query(MAKE)
        .bind(claim.job)
        .bind(claim.business_date)
        .bind(claim.owner)
        .bind(claim.lease_until)
        .bind(claim.scheduled_at)
        .bind(claim.now)
        .bind(claim.inputs)
        .execute(c)
        .await?
        .rows_affected());
    if made == 0 {
        let taken = on!(tx, |c| sqlx::query(TAKE)
            .bind(claim.job)
            .bind(claim.business_date)
            .bind(claim.owner)
            .bind(claim.lease_until)
            .bind(claim.now)
            .bind(claim.inputs)
            .bind(claim.sweep)
            .bind(claim.dead)
            .execute(c)
            .await?
            .rows_affected());
        if taken == 0 {
            return Ok(None);
        }
    }
    find(tx, claim.job, claim.business_date).await
}

/// One run.
pub async fn find(tx: &mut Tx, job: &str, business_date: NaiveDate) -> Result<Option<RunRow>> {
    const SQL: &str = "SELECT job, business_date, state, pass, owner, lease_until, fence, scheduled_at, started_at,
        finished_at, inputs, message FROM run WHERE job = $1 AND business_date = $2";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(job).bind(business_date).fetch_optional(c).await)?)
}

/// The last runs, newest first.
pub async fn recent(tx: &mut Tx, most: i64) -> Result<Vec<RunRow>> {
    const SQL: &str = "SELECT job, business_date, state, pass, owner, lease_until, fence, scheduled_at, started_at,
        finished_at, inputs, message FROM run ORDER BY business_date DESC, started_at DESC, job LIMIT $1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(most).fetch_all(c).await)?)
}

/// The steps of a run's pass, in the order they began.
pub async fn steps(tx: &mut Tx, job: &str, business_date: NaiveDate, pass: i64) -> Result<Vec<StepRow>> {
    const SQL: &str = "SELECT pass, step, state, started_at, finished_at, tally, message FROM run_step
        WHERE job = $1 AND business_date = $2 AND pass = $3 ORDER BY started_at, step";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(job).bind(business_date).bind(pass).fetch_all(c).await)?)
}

/// Refuses to go on if another process took the run over.
pub async fn check_fence(tx: &mut Tx, job: &str, business_date: NaiveDate, fence: i64) -> Result<()> {
    const SQL: &str = "SELECT fence FROM run WHERE job = $1 AND business_date = $2";
    let held: Option<(i64,)> = on!(tx, |c| sqlx::query_as(SQL).bind(job).bind(business_date).fetch_optional(c).await)?;
    match held {
        Some((held,)) if held == fence => Ok(()),
        _ => Err(StoreError::Fenced { job: job.to_owned(), date: business_date.to_string() }),
    }
}

/// Keeps the lease alive; `false`: the run is no longer ours.
pub async fn renew(tx: &mut Tx, job: &str, business_date: NaiveDate, fence: i64, until: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "UPDATE run SET lease_until = $4
        WHERE job = $1 AND business_date = $2 AND fence = $3 AND state = 'running'";
    let changed = on!(tx, |c| sqlx::query(SQL)
        .bind(job)
        .bind(business_date)
        .bind(fence)
        .bind(until)
        .execute(c)
        .await?
        .rows_affected());
    Ok(changed == 1)
}

/// Records that a step begins (again).
pub async fn begin_step(tx: &mut Tx, run: &RunRow, step: &str, now: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO run_step (job, business_date, pass, step, state, fence, started_at)
        VALUES ($1, $2, $3, $4, 'running', $5, $6)
        ON CONFLICT (job, business_date, pass, step) DO UPDATE SET state = 'running', fence = excluded.fence,
        finished_at = NULL, message = NULL";
    on!(tx, |c| sqlx::query(SQL)
        .bind(&run.job)
        .bind(run.business_date)
        .bind(run.pass)
        .bind(step)
        .bind(run.fence)
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// How a step or a run ended.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// `done`, `failed` or `waiting`.
    pub state: &'a str,
    /// What it counted, as JSON.
    pub tally: Option<String>,
    /// Why it waits or failed.
    pub message: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Records how a step ended.
pub async fn end_step(tx: &mut Tx, run: &RunRow, step: &str, ending: &Ending<'_>) -> Result<()> {
    const SQL: &str = "UPDATE run_step SET state = $5, tally = $6, message = $7, finished_at = $8
        WHERE job = $1 AND business_date = $2 AND pass = $3 AND step = $4";
    on!(tx, |c| sqlx::query(SQL)
        .bind(&run.job)
        .bind(run.business_date)
        .bind(run.pass)
        .bind(step)
        .bind(ending.state)
        .bind(ending.tally.clone())
        .bind(ending.message.clone())
        .bind(ending.at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Records how a run ended; only its holder may.
pub async fn end(tx: &mut Tx, run: &RunRow, ending: &Ending<'_>) -> Result<()> {
    const SQL: &str = "UPDATE run SET state = $4, message = $5, finished_at = $6
        WHERE job = $1 AND business_date = $2 AND fence = $3";
    let changed = on!(tx, |c| sqlx::query(SQL)
        .bind(&run.job)
        .bind(run.business_date)
        .bind(run.fence)
        .bind(ending.state)
        .bind(ending.message.clone())
        .bind(ending.at)
        .execute(c)
        .await?
        .rows_affected());
    match changed {
        1 => Ok(()),
        _ => Err(StoreError::Fenced { job: run.job.clone(), date: run.business_date.to_string() }),
    }
}

/// Records a date whose night was missed: not made up, shown by `explain`.
pub async fn skip(tx: &mut Tx, job: &str, business_date: NaiveDate, now: DateTime<Utc>, why: &str) -> Result<bool> {
    const SQL: &str = "INSERT INTO run (job, business_date, state, pass, owner, lease_until, fence, scheduled_at,
        started_at, finished_at, inputs, message) VALUES ($1, $2, 'skipped', 1, 'scheduler', $3, 1, $3, $3, $3,
        '{}', $4)
        ON CONFLICT (job, business_date) DO NOTHING";
    let made = on!(tx, |c| sqlx::query(SQL)
        .bind(job)
        .bind(business_date)
        .bind(now)
        .bind(why)
        .execute(c)
        .await?
        .rows_affected());
    Ok(made == 1)
}

/// The last date a job has a row for, and the first.
pub async fn span(tx: &mut Tx, job: &str) -> Result<Option<(NaiveDate, NaiveDate)>> {
    const SQL: &str = "SELECT MIN(business_date), MAX(business_date) FROM run WHERE job = $1";
    let (first, last): (Option<NaiveDate>, Option<NaiveDate>) =
        on!(tx, |c| sqlx::query_as(SQL).bind(job).fetch_one(c).await)?;
    Ok(first.zip(last))
}
