//! What `file diff` found, for people and for scripts.

use serde::Serialize;
use yichong_core::model::money::Fen;

use super::output;
use super::rows::Value;

/// What is printed with `--json`; sums in fen, counts of all, lists of the first ones.
#[derive(Serialize)]
pub struct Report {
    pub equal: bool,
    pub a: About,
    pub b: About,
    /// What records are told by: a meaning, or `order`.
    pub key: &'static str,
    /// Records that are the same in both.
    pub same: u64,
    /// The same records stand in another order; no difference by itself.
    pub reordered: bool,
    pub only_in_a: List<Lone>,
    pub only_in_b: List<Lone>,
    pub differing: List<Pair>,
    /// Cells of heads and tails that differ; between two formats they are not compared.
    pub edges: Vec<Difference>,
}

#[derive(Serialize)]
pub struct About {
    pub file: String,
    pub format: String,
    pub rows: u64,
    pub sum: Fen,
}

#[derive(Serialize)]
pub struct List<T> {
    pub count: u64,
    pub first: Vec<T>,
}

#[derive(Serialize)]
pub struct Lone {
    pub key: String,
    pub line: u64,
}

#[derive(Serialize)]
pub struct Pair {
    pub key: String,
    pub line_a: u64,
    pub line_b: u64,
    pub cells: Vec<Difference>,
}

/// A cell that differs, masked; `hidden` where what differs is what the mask hides.
#[derive(Serialize)]
pub struct Difference {
    pub name: String,
    pub a: String,
    pub b: String,
    pub hidden: bool,
}

impl<T> List<T> {
    /// An empty one.
    pub fn new() -> List<T> {
        List { count: 0, first: Vec::new() }
    }

    /// Whether one more is shown; counts it anyway.
    pub fn takes(&mut self, limit: u64) -> bool {
        self.count += 1;
        limit == 0 || self.count <= limit
    }
}

impl Difference {
    /// Of two cells of one name.
    pub fn new(a: &Value, b: &Value) -> Difference {
        let veil = a.veil.max(b.veil);
        let (x, y) = (veil.show(&a.text), veil.show(&b.text));
        Difference { name: a.name.clone(), hidden: x == y, a: x, b: y }
    }

    fn say(&self, indent: &str) {
        let hidden = if self.hidden { " (they differ in what is hidden)" } else { "" };
        output::say(format!("{indent}{}: `{}` → `{}`{hidden}", self.name, self.a, self.b));
    }
}

impl Report {
    /// Says it.
    pub fn say(&self) {
        for (letter, about) in [("A", &self.a), ("B", &self.b)] {
            let (sum, About { file, format, rows, .. }) = (output::yuan(about.sum.0), about);
            output::say(format!("{letter}: {file}: {format}, {rows} rows, {sum} yuan"));
        }
        let order = if self.reordered { ", in another order" } else { "" };
        let told = format!("records told apart by {}", self.key);
        let word = if self.equal { output::green("EQUAL") } else { output::red("DIFFERENT") };
        output::say(format!("{word} {} same{order}, {told}", self.same));
        for edge in &self.edges {
            edge.say("  ");
        }
        for (letter, list) in [("A", &self.only_in_a), ("B", &self.only_in_b)] {
            if list.count > 0 {
                output::say(format!("only in {letter}: {}", list.count));
            }
            for lone in &list.first {
                output::say(format!("  {} (line {})", lone.key, lone.line));
            }
        }
        if self.differing.count > 0 {
            output::say(format!("differing: {}", self.differing.count));
        }
        for Pair { key, line_a, line_b, cells } in &self.differing.first {
            output::say(format!("  {key} (line {line_a} → {line_b})"));
            cells.iter().for_each(|cell| cell.say("    "));
        }
    }
}
