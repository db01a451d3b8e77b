//! A file of agreements on its way out: composed of its lines, sealed, archived, shown once.

use std::fs::{self, File, OpenOptions};
use std::io::{Cursor, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use yichong_core::formats::agreements::{AgreementRow, AgreementWriter};
use yichong_core::model::agreement::AgreementNo;
use yichong_core::model::card::CardNo;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::person::IdType;

use super::operation;
use super::tell::Teller;
use crate::app::{App, Tally};
use crate::config::Agreements;
use crate::dispatch;
use crate::error::{JobError, Kind};
use crate::payer::Payer;
use crate::signature;
use yichong_gateways::archive::measure;
use yichong_gateways::clock::local;
use yichong_gateways::crash;
use yichong_gateways::door::DoorError;
use yichong_store::agreements::notices::{self, Line};
use yichong_store::calendars;
use yichong_store::files_out::{self, FileOut};

impl Teller<'_> {
    /// Composes and seals a file that is not sealed yet, and sends it.
    pub(super) async fn leave(
        &self,
        file: FileOut,
        own: &Agreements,
        tally: &mut Tally,
    ) -> Result<Result<(), DoorError>, JobError> {
        let app = self.ctx.app;
        let name = file.archive_name();
        if file.sha256.is_none() {
            self.seal(&file, &name).await?;
        }
        let kept = measure(app.archive.open(&app.vault, &name)?)?;
        if let Some(sealed) = file.sha256.as_ref().filter(|sealed| **sealed != kept.sha256) {
            let said = format!("{}: sealed as {sealed}, the archive holds {}", file.file_name, kept.sha256);
            return Err(JobError::new(Kind::Books, format!("{said}; nothing was sent, run `yichong verify`")));
        }
        let door = self.bank.agreements_door().unwrap_or_else(|| self.bank.door());
        let travels = dispatch::wrapped(app, self.bank, &name, &file.file_name)?;
        if file.state == "open" {
            let body = || app.archive.open(&app.vault, &travels.archived);
            let points = ["send.temp.after_write", "send.temp.after_fsync"];
            if let Err(shut) = door.stage(&travels.file_name, &travels.kept, body, points) {
                return Ok(Err(shut));
            }
            let mut tx = self.ctx.page().await?;
            files_out::change(&mut tx, file.file_no, "open", "sending").await?;
            tx.commit().await?;
            crash::point("agreements.sending.after_commit");
        }
        if let Err(shut) = door.publish(&travels.file_name, &travels.kept) {
            return Ok(Err(shut));
        }
        crash::point("send.after_rename");
        let mut tx = self.ctx.page().await?;
        let calendar = calendars::load(&mut tx, &self.bank.calendar).await?;
        let answer_by = calendar.after(self.ctx.business_date, own.answer_days)?;
        let words = notices::sent(&mut tx, file.file_no, answer_by).await?;
        files_out::change(&mut tx, file.file_no, "sending", "sent").await?;
        tx.commit().await?;
        crash::point("agreements.sent.after_commit");
        tally.add("sent", i64::try_from(words).unwrap_or(i64::MAX));
        Ok(Ok(()))
    }

    async fn seal(&self, file: &FileOut, name: &str) -> Result<(), JobError> {
        let app = self.ctx.app;
        let work = Work::begin(app, &self.door)?;
        let mut body = work.file()?;
        let mut writer = AgreementWriter::new(self.format, &self.facts(file.file_date, file.seq)?)?;
        let (mut line, mut bytes) = (0, Vec::new());
        loop {
            let page = notices::lines(&mut app.db.read().await?, file.file_no, line, app.page).await?;
            let Some(last) = page.last() else { break };
            line = last.line_no;
            bytes.clear();
            for notice in &page {
                writer.row(&row(app, notice)?, &mut bytes)?;
            }
            body.write_all(&bytes)?;
        }
        let count = u64::try_from(line).unwrap_or(0);
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        writer.head(count, &mut head)?;
        writer.tail(count, &mut tail)?;
        let whole = || Ok(Cursor::new(&head).chain(File::open(&work.path)?).chain(Cursor::new(&tail)));
        let points = ["file.archive.after_fsync", "file.archive.after_rename"];
        let kept = match signature::own(self.bank, self.format)? {
            Some(key) => {
                let signed = signature::signed(self.format, &key, whole, &work.signed)?;
                app.archive.keep(&app.vault, name, signed, points)?
            }
            None => app.archive.keep(&app.vault, name, whole()?, points)?,
        };
        // Gone before the commit: a sealed file is not composed again, and would leave it lying.
        drop(work);
        let mut tx = self.ctx.page().await?;
        files_out::seal(&mut tx, file.file_no, line, 0, &kept.sha256).await?;
        tx.commit().await?;
        crash::point("agreements.seal.after_commit");
        Ok(())
    }
}

/// The body of a file while it is composed: in `data/work` (mode 0600), gone with this.
struct Work {
    path: PathBuf,
    /// The whole file, where it is signed.
    signed: PathBuf,
}

impl Work {
    fn begin(app: &App, door: &str) -> Result<Work, JobError> {
        let folder = app.config.folders.data.join("work");
        fs::create_dir_all(&folder)?;
        Ok(Work { path: folder.join(format!("{door}.body")), signed: folder.join(format!("{door}.signed")) })
    }

    fn file(&self) -> Result<File, JobError> {
        Ok(OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.path)?)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(&self.signed);
    }
}

/// A line as the format writes it.
pub(super) fn row(app: &App, line: &Line) -> Result<AgreementRow, JobError> {
    let payer = Payer::open(&app.vault, line.account, &line.payer_sealed)?;
    let bad =
        |what: &str| JobError::new(Kind::Books, format!("agreement of {}: {what} does not read back", line.account));
    let account = AccountNo(line.account);
    Ok(AgreementRow {
        line: u32::try_from(line.line_no).unwrap_or(u32::MAX),
        operation: operation(&line.operation),
        account,
        agreement: AgreementNo { account, number: line.number }.to_string(),
        holder: line.holder.clone(),
        address: line.address.clone(),
        payer_name: line.payer_name.clone(),
        card: CardNo::parse(&payer.card).map_err(|_| bad("the card"))?,
        id_type: IdType::parse(&line.id_type).ok_or_else(|| bad("the ID type"))?,
        id_number: payer.id_number.to_string(),
        mobile: payer.mobile.to_string(),
        signed_on: local(line.signed_at).date(),
    })
}
