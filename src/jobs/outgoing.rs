//! Files to the meters and to the SMS gateway: rows are put on lines, the file is sealed, archived, handed over once.

use std::path::Path;

use chrono::NaiveDate;

use super::app::{App, Context};
use super::error::{JobError, Kind};
use yichong_gateways::archive::measure;
use yichong_gateways::door::DoorError;
use yichong_gateways::handover::Handover;
use yichong_store::files_out::{self, FileOut, Key, LineOut, Place};

/// A file holds no more lines than this: its bytes are made in memory.
const LINES_MAX: i64 = 50_000;
/// One kind of file.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The door's word, and its digit in file numbers.
    pub door: (&'static str, i64),
    /// The rows' kind in the outbox.
    pub kind: &'static str,
    /// The beginning of the name.
    pub prefix: &'static str,
    /// Where the partner takes it.
    pub folder: &'a Path,
    /// Crash points: after the seal, after the rename, after "sent" is kept.
    pub points: [&'static str; 3],
    /// The bytes, a function of the stored rows: made again they are the same.
    pub write: fn(&App, &[LineOut]) -> Result<Vec<u8>, JobError>,
}

/// Sends everything queued; says how many rows left. A door that cannot be used is for the caller to judge.
pub async fn send(ctx: &Context<'_>, out: &Outgoing<'_>) -> Result<Result<u64, DoorError>, JobError> {
    let door = Handover { folder: out.folder };
    let mut sent = 0;
    match finish_earlier(ctx, out, &door).await? {
        Ok(rows) => sent += rows,
        Err(closed) => return Ok(Err(closed)),
    }
    // What is on a line stays in the queue until it is answered: every page goes on where the one before ended.
    let mut after: Place = (NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default(), 0, 0, String::new());
    while let Some(file) = next_file(ctx, out, &after).await? {
        place(ctx, out, &file, &mut after).await?;
        let lines = lines(ctx, &file).await?;
        if lines.is_empty() {
            break;
        }
        let bytes = (out.write)(ctx.app, &lines)?;
        let sha256 = seal(ctx, out, &file, &lines, &bytes).await?;
        if let Err(closed) = door.stage(&file.file_name, &sha256, &bytes) {
            return Ok(Err(closed));
        }
        let mut tx = ctx.page().await?;
        files_out::change(&mut tx, file.file_no, "open", "sent").await?;
        tx.commit().await?;
        yichong_gateways::crash::point(out.points[2]);
        if let Err(closed) = door.finish(&file.file_name, &sha256, out.points[1]) {
            return Ok(Err(closed));
        }
        sent += mark(ctx, file.file_no).await?;
    }
    Ok(Ok(sent))
}

/// A process died between "sent" and the final name, or before its rows were marked.
async fn finish_earlier(
    ctx: &Context<'_>,
    out: &Outgoing<'_>,
    door: &Handover<'_>,
) -> Result<Result<u64, DoorError>, JobError> {
    let staged = match door.staged() {
        Ok(staged) => staged,
        Err(closed) => return Ok(Err(closed)),
    };
    let mut tx = ctx.app.db.read().await?;
    let mut left = Vec::new();
    for name in staged {
        left.extend(files_out::by_name(&mut tx, out.door.0, &name).await?.filter(|file| file.state != "open"));
    }
    let unmarked = files_out::left_unmarked(&mut tx, out.kind).await?;
    drop(tx);
    for file in left {
        let sha256 = file.sha256.unwrap_or_default();
        if let Err(closed) = door.finish(&file.file_name, &sha256, out.points[1]) {
            return Ok(Err(closed));
        }
    }
    let mut sent = 0;
    for file_no in unmarked {
        sent += mark(ctx, file_no).await?;
    }
    Ok(Ok(sent))
}

/// The file that is still open, or a new one if a row waits for it.
async fn next_file(ctx: &Context<'_>, out: &Outgoing<'_>, after: &Place) -> Result<Option<FileOut>, JobError> {
    let mut tx = ctx.page().await?;
    if let Some(file) = files_out::open_one(&mut tx, out.door.0).await? {
        return Ok(Some(file));
    }
    if files_out::unplaced(&mut tx, out.kind, after, 1).await?.is_empty() {
        return Ok(None);
    }
    let seq = files_out::last_seq(&mut tx, out.door.0, ctx.business_date).await? + 1;
    if seq > files_out::SEQ_MAX {
        let why = format!("{} has {} files of {}, the most there can be", out.prefix, seq - 1, ctx.business_date);
        return Err(JobError::new(Kind::Refused, format!("{why}; the rest waits for the next business date")));
    }
    let file = FileOut {
        file_no: files_out::number(ctx.business_date, out.door.1, seq),
        door: out.door.0.to_owned(),
        file_date: ctx.business_date,
        seq,
        file_name: format!("{}-{}-{seq:04}.csv", out.prefix, ctx.business_date.format("%Y%m%d")),
        lines: 0,
        sum_fen: 0,
        sha256: None,
        state: "open".to_owned(),
    };
    files_out::make(&mut tx, &file).await?;
    tx.commit().await?;
    Ok(Some(file))
}

/// Puts what is queued on the file's lines, page by page, until it is full. A sealed file takes no more.
async fn place(ctx: &Context<'_>, out: &Outgoing<'_>, file: &FileOut, after: &mut Place) -> Result<(), JobError> {
    while file.sha256.is_none() {
        let mut tx = ctx.page().await?;
        let last = files_out::last_line(&mut tx, file.file_no).await?;
        let most = ctx.app.page.min(LINES_MAX - last);
        let rows = files_out::unplaced(&mut tx, out.kind, after, most).await?;
        let Some(end) = rows.last() else {
            files_out::unplace(&mut tx, file.file_no).await?;
            tx.commit().await?;
            break;
        };
        *after = end.clone();
        let rows: Vec<Key> = rows.into_iter().map(|(_, account, reference, text)| (account, reference, text)).collect();
        files_out::place(&mut tx, file.file_no, out.kind, last, &rows).await?;
        tx.commit().await?;
        ctx.more(out.kind, rows.len());
    }
    Ok(())
}

async fn lines(ctx: &Context<'_>, file: &FileOut) -> Result<Vec<LineOut>, JobError> {
    let mut tx = ctx.app.db.read().await?;
    Ok(files_out::lines(&mut tx, file.file_no, 0, LINES_MAX).await?)
}

/// Keeps the bytes in the archive and their hash in the books; a file sealed before must have come out the same.
async fn seal(
    ctx: &Context<'_>,
    out: &Outgoing<'_>,
    file: &FileOut,
    lines: &[LineOut],
    bytes: &[u8],
) -> Result<String, JobError> {
    let sha256 = measure(bytes)?.sha256;
    if let Some(sealed) = &file.sha256 {
        if *sealed == sha256 {
            return Ok(sha256);
        }
        let what = format!("{}: sealed as {sealed}, made again it is {sha256}", file.file_name);
        return Err(JobError::new(Kind::Books, format!("{what}; nothing was sent, run `yichong verify`")));
    }
    let name = file.archive_name();
    let points = ["file.archive.after_fsync", "file.archive.after_rename"];
    ctx.app.archive.keep(&ctx.app.vault, &name, bytes, points)?;
    let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    let sum = lines.iter().map(|line| line.amount_fen).sum();
    let mut tx = ctx.page().await?;
    files_out::seal(&mut tx, file.file_no, count, sum, &sha256).await?;
    tx.commit().await?;
    yichong_gateways::crash::point(out.points[0]);
    Ok(sha256)
}

async fn mark(ctx: &Context<'_>, file_no: i64) -> Result<u64, JobError> {
    let mut tx = ctx.page().await?;
    let rows = files_out::rows_sent(&mut tx, file_no, ctx.now()).await?;
    tx.commit().await?;
    Ok(rows)
}
