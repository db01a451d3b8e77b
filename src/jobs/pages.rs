//! Pages by keyset, each read while the one before is worked on, for steps whose rows are about accounts: a page that
//! shares an account with the page before was read too early, and is read again.

use std::collections::HashSet;

use super::app::Ahead;
use super::error::JobError;

/// Pages of rows after a place.
pub struct Pages<T, P, R> {
    read: R,
    place: fn(&T) -> P,
    account: fn(&T) -> i64,
    after: P,
    /// None: the last page was empty.
    ahead: Option<Ahead<Vec<T>>>,
    before: HashSet<i64>,
}

impl<T: Send + 'static, P: Clone, R: Fn(P) -> Ahead<Vec<T>>> Pages<T, P, R> {
    /// Begins to read after a place. `read` begins to read the page after one; `place` and `account` are a row's.
    pub fn after(start: P, read: R, place: fn(&T) -> P, account: fn(&T) -> i64) -> Pages<T, P, R> {
        let ahead = Some(read(start.clone()));
        Pages { read, place, account, after: start, ahead, before: HashSet::new() }
    }

    /// The next page, and the one behind it is begun; `None`: there are no more. The caller saves a page before it
    /// asks for the next.
    pub async fn next(&mut self) -> Result<Option<Vec<T>>, JobError> {
        let Some(early) = self.ahead.take() else { return Ok(None) };
        let mut page = early.done().await?;
        if page.iter().any(|row| self.before.contains(&(self.account)(row))) {
            page = (self.read)(self.after.clone()).done().await?;
        }
        let Some(last) = page.last() else { return Ok(None) };
        self.after = (self.place)(last);
        self.ahead = Some((self.read)(self.after.clone()));
        self.before = page.iter().map(self.account).collect();
        Ok(Some(page))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use super::*;

    /// (place, account, what the row shows of its account)
    type Row = (usize, i64, &'static str);

    /// A table of four rows in pages of two, and how many pages were read.
    struct Table(Mutex<Vec<Row>>, AtomicUsize);

    fn read(table: &Arc<Table>) -> impl Fn(usize) -> Ahead<Vec<Row>> + use<> {
        let table = Arc::clone(table);
        move |after| {
            let table = Arc::clone(&table);
            Ahead::read(async move {
                let page = table.0.lock().unwrap().iter().filter(|row| row.0 > after).take(2).copied().collect();
                table.1.fetch_add(1, Ordering::SeqCst);
                Ok(page)
            })
        }
    }

    /// Waits until so many pages were read: what is read ahead is read before the test goes on.
    async fn until(table: &Table, pages: usize) {
        while table.1.load(Ordering::SeqCst) < pages {
            tokio::task::yield_now().await;
        }
    }

    /// Saves the first page, which moves its accounts, while the second lies read; gives what the second then shows.
    async fn second_page(accounts: [i64; 4]) -> (Vec<Row>, usize) {
        let rows = accounts.iter().enumerate().map(|(at, account)| (at + 1, *account, "old")).collect();
        let table = Arc::new(Table(Mutex::new(rows), AtomicUsize::new(0)));
        let mut pages = Pages::after(0, read(&table), |row| row.0, |row| row.1);
        let first = pages.next().await.unwrap().unwrap();
        until(&table, 2).await;
        let saved: Vec<i64> = first.iter().map(|row| row.1).collect();
        table.0.lock().unwrap().iter_mut().filter(|row| saved.contains(&row.1)).for_each(|row| row.2 = "new");
        let second = pages.next().await.unwrap().unwrap();
        until(&table, 3).await;
        let reads = table.1.load(Ordering::SeqCst);
        assert!(pages.next().await.unwrap().is_none());
        (second, reads)
    }

    #[tokio::test]
    async fn a_page_that_shares_an_account_with_the_page_before_is_read_again() {
        // Accounts 1 2 | 2 3: the second page was read before the first moved account 2.
        let (second, reads) = second_page([1, 2, 2, 3]).await;
        assert_eq!(second, [(3, 2, "new"), (4, 3, "old")]);
        assert!(reads >= 3);
    }

    #[tokio::test]
    async fn pages_of_other_accounts_are_read_once() {
        let (second, reads) = second_page([1, 2, 3, 4]).await;
        assert_eq!(second, [(3, 3, "old"), (4, 4, "old")]);
        assert_eq!(reads, 3, "one page each, and the end");
    }
}
