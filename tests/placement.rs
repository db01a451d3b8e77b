//! `migrations/placement.toml` beside the catalogue: what must hold of the schema so that it can be
//! distributed by account.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgPool;
use yichong::store::db::Db;

use crate::support::{Place, block_on};

/// Where each table lives, by the file: reference, distributed, local.
fn placed() -> BTreeMap<String, Vec<String>> {
    let text = include_str!("../migrations/placement.toml");
    toml::from_str(text).unwrap()
}

/// A key of a table: its name and columns.
async fn keys(pool: &PgPool) -> Vec<(String, String, Vec<String>)> {
    let sql = "SELECT t.relname::text, i.relname::text, array_agg(a.attname::text)
        FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid
        AND a.attnum = ANY (x.indkey)
        WHERE n.nspname = 'public' AND x.indisunique GROUP BY t.relname, i.relname ORDER BY 1, 2";
    sqlx::query_as(sql).fetch_all(pool).await.unwrap()
}

/// Foreign keys: table, other table, columns here, columns there.
async fn pointers(pool: &PgPool) -> Vec<(String, String, Vec<String>, Vec<String>)> {
    let sql = "SELECT t.relname::text, o.relname::text,
        (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (c.conkey)),
        (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum = ANY (c.confkey))
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid
        WHERE c.contype = 'f' ORDER BY 1, 2";
    sqlx::query_as(sql).fetch_all(pool).await.unwrap()
}

#[test]
fn the_schema_can_be_distributed_by_account() {
    block_on(async {
        let place = Place::postgres().await;
        let db = place.open().await;
        let Db::Postgres(pool) = &db else { panic!("not a server") };
        let placed = placed();
        assert_eq!(placed.keys().collect::<Vec<_>>(), ["distributed", "local", "reference"]);
        let listed: Vec<&String> = placed.values().flatten().collect();
        let once: BTreeSet<&String> = listed.iter().copied().collect();
        assert_eq!(listed.len(), once.len(), "a table is listed twice");
        let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
        let tables: Vec<(String,)> = sqlx::query_as(tables).fetch_all(pool).await.unwrap();
        let tables: BTreeSet<&String> = tables.iter().map(|(table,)| table).collect();
        assert_eq!(tables, once, "every table is listed, and every listed table exists");

        let distributed = |table: &String| placed["distributed"].contains(table);
        let has_account = |columns: &[String]| columns.iter().any(|column| column == "account");
        let mut wrong = Vec::new();
        let keys = keys(pool).await;
        for (table, key, columns) in &keys {
            if distributed(table) && !has_account(columns) {
                wrong.push(format!("{table}: {key} ({}) is unique without the account", columns.join(", ")));
            }
        }
        for table in placed["distributed"].iter().filter(|table| !keys.iter().any(|(own, ..)| own == *table)) {
            wrong.push(format!("{table} has no primary key"));
        }
        for (table, other, here, there) in pointers(pool).await {
            match (distributed(&table), distributed(&other)) {
                (true, true) if !(has_account(&here) && has_account(&there)) => {
                    wrong.push(format!("{table} points at {other} without the account"));
                }
                (false, true) => wrong.push(format!("{table} is everywhere and points at {other}, which is not")),
                _ => {}
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        db.close().await;
    });
}
