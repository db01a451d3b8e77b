//! PostgreSQL looks at a table a step has filled before the next step plans by it.

use crate::support::{Place, Site, block_on, household, texts};

/// What PostgreSQL believes a table holds; -1: it never looked.
async fn believed(site: &Site, table: &str) -> i64 {
    let sql = format!("SELECT CAST(CAST(reltuples AS BIGINT) AS TEXT) FROM pg_class WHERE relname = '{table}'");
    texts(&site.app.db, &sql).await.remove(0).parse().unwrap()
}

#[test]
fn a_filled_table_is_looked_at_by_the_step_that_filled_it() {
    block_on(async {
        let households: Vec<_> = (1..=4).map(household).collect();
        let mut site = Site::plain(Place::postgres().await, &households).await;
        // So much is a lot here: four debits are two pages.
        site.app.page = 2;
        let mut bank = site.partner("PLAIN", "all-paid");
        for table in ["debit", "return_line", "entry", "outbox"] {
            assert_eq!(believed(&site, table).await, -1, "{table}: something else looked");
        }
        site.night("2026-03-02").await;
        assert_eq!((believed(&site, "debit").await, believed(&site, "return_line").await), (4, -1));
        site.answered(&mut bank, "2026-03-02").await;
        // Four answers, an entry and a credit order each; texts wait until the meter has said yes.
        let found =
            [believed(&site, "return_line").await, believed(&site, "entry").await, believed(&site, "outbox").await];
        assert_eq!(found, [4, 4, 4]);
    });
}
