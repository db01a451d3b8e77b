//! Rows → one array a column, for PostgreSQL's `UNNEST`; see [`rows`](super::rows).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Arguments as _;
use sqlx::postgres::PgArguments;

use super::db::{Result, StoreError};
use super::rows::types;

/// The cells of one column.
#[derive(Debug)]
pub enum Column {
    /// `BIGINT`.
    Number(Vec<Option<i64>>),
    /// `TEXT`.
    Text(Vec<Option<String>>),
    /// `BYTEA`.
    Bytes(Vec<Option<Vec<u8>>>),
    /// `BOOLEAN`.
    Truth(Vec<Option<bool>>),
    /// `DATE`.
    Day(Vec<Option<NaiveDate>>),
    /// `TIMESTAMPTZ`.
    Instant(Vec<Option<DateTime<Utc>>>),
}

/// The columns of a template's rows while they are bound, cell by cell and row by row like the parameters of a query.
#[derive(Debug)]
pub struct Columns {
    template: &'static str,
    columns: Vec<Column>,
    next: usize,
    /// A cell that is not of its column's type.
    wrong: Option<usize>,
}

impl Columns {
    /// Empty columns of the types that the template names.
    pub fn of(template: &'static str) -> Columns {
        let column = |kind: &str| match kind {
            "BIGINT" => Column::Number(Vec::new()),
            "BYTEA" => Column::Bytes(Vec::new()),
            "BOOLEAN" => Column::Truth(Vec::new()),
            "DATE" => Column::Day(Vec::new()),
            "TIMESTAMPTZ" => Column::Instant(Vec::new()),
            _ => Column::Text(Vec::new()),
        };
        Columns { template, columns: types(template).into_iter().map(column).collect(), next: 0, wrong: None }
    }

    /// Binds the next cell.
    pub fn bind(mut self, cell: impl Cell) -> Columns {
        let at = self.next;
        self.next = (at + 1) % self.columns.len().max(1);
        let taken = self.columns.get_mut(at).is_some_and(|column| cell.put(column));
        if !taken {
            self.wrong.get_or_insert(at + 1);
        }
        self
    }

    /// The arrays, as parameters. A cell of another type than its column, or a row that is not whole, is refused:
    /// arrays of unequal lengths would be filled up with NULL.
    pub fn arguments(self) -> Result<PgArguments> {
        let half = (self.next != 0).then_some(self.next + 1);
        if let Some(column) = self.wrong.or(half) {
            let template = self.template;
            return Err(StoreError::Unfit(format!("column {column} of these rows is bound wrongly: {template}")));
        }
        let mut arguments = PgArguments::default();
        for column in self.columns {
            let added = match column {
                Column::Number(cells) => arguments.add(cells),
                Column::Text(cells) => arguments.add(cells),
                Column::Bytes(cells) => arguments.add(cells),
                Column::Truth(cells) => arguments.add(cells),
                Column::Day(cells) => arguments.add(cells),
                Column::Instant(cells) => arguments.add(cells),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

/// What can be bound.
pub trait Cell: Sized {
    /// Appends itself to its column; false if that is of another type.
    fn put(self, column: &mut Column) -> bool;
}

macro_rules! cells {
    ($($variant:ident: $($kind:ty => |$cell:ident| $owned:expr),+;)*) => {$($(
        impl Cell for $kind {
            fn put(self, column: &mut Column) -> bool {
                let $cell = self;
                let Column::$variant(cells) = column else { return false };
                cells.push(Some($owned));
                true
            }
        }
    )+)*};
}

cells! {
    Number: i64 => |cell| cell, &i64 => |cell| *cell;
    Text: String => |cell| cell, &String => |cell| cell.clone(), &str => |cell| cell.to_owned();
    Bytes: Vec<u8> => |cell| cell, &Vec<u8> => |cell| cell.clone(), &[u8] => |cell| cell.to_vec();
    Truth: bool => |cell| cell, &bool => |cell| *cell;
    Day: NaiveDate => |cell| cell, &NaiveDate => |cell| *cell;
    Instant: DateTime<Utc> => |cell| cell, &DateTime<Utc> => |cell| *cell;
}

impl<T: Cell> Cell for Option<T> {
    fn put(self, column: &mut Column) -> bool {
        if let Some(cell) = self {
            return cell.put(column);
        }
        match column {
            Column::Number(cells) => cells.push(None),
            Column::Text(cells) => cells.push(None),
            Column::Bytes(cells) => cells.push(None),
            Column::Truth(cells) => cells.push(None),
            Column::Day(cells) => cells.push(None),
            Column::Instant(cells) => cells.push(None),
        }
        true
    }
}

impl<'a, T> Cell for &'a Option<T>
where
    &'a T: Cell,
{
    fn put(self, column: &mut Column) -> bool {
        self.as_ref().put(column)
    }
}
