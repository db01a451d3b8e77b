//! One small part of a document in memory: an entry, a transaction, a group's head. Elements are found by name, in
//! whatever order they stand; that the order is not the schema's is told.

use super::money::Money;
use super::order::{child_at, place_of};
use crate::xml::Place;

/// An element with what stands in it.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    /// Its own text, white space at the ends taken off; empty where it has children.
    pub text: String,
    /// The attribute `Ccy`: the only one the messages have.
    pub currency: Option<String>,
    pub place: Place,
    pub children: Vec<Node>,
    /// The place of the last child in the schema's order.
    last: usize,
}

impl Node {
    pub(super) fn new(name: &str, currency: Option<&str>, place: Place) -> Node {
        let currency = currency.map(str::to_owned);
        Node { name: name.to_owned(), text: String::new(), currency, place, children: Vec::new(), last: 0 }
    }

    /// Notes that a child of this name comes next: a warning, if the schema puts it earlier.
    pub(super) fn next_is(&mut self, child: &str) -> Option<String> {
        let at = place_of(&self.name, child)?;
        if at >= self.last {
            self.last = at;
            return None;
        }
        let before = child_at(&self.name, self.last);
        Some(format!("{child} stands behind {before}; the schema puts it before"))
    }

    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of a name.
    pub(super) fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node> + 'n {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element on a path: `Rsn/Cd`.
    pub(super) fn at(&self, path: &str) -> Option<&Node> {
        path.split('/').try_fold(self, |node, name| node.child(name))
    }

    /// The text of the first element on a path; `None` where it is missing or empty.
    pub(super) fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).map(|node| node.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The first text among several paths.
    pub(super) fn first_text(&self, paths: &[&str]) -> Option<&str> {
        paths.iter().find_map(|path| self.text_at(path))
    }

    /// [`Node::text_at`], owned.
    pub(super) fn own(&self, path: &str) -> Option<String> {
        self.text_at(path).map(str::to_owned)
    }

    /// The amount on a path; `None` where it is missing, an inner error where it is none.
    pub(super) fn money_at(&self, path: &str) -> Option<Result<Money, (Place, String)>> {
        let node = self.at(path)?;
        let read = Money::parse(&node.text, node.currency.as_deref().unwrap_or_default());
        Some(read.map_err(|why| (node.place, why)))
    }

    /// Whether an indicator on a path says yes; `None` where it says nothing.
    pub(super) fn flag_at(&self, path: &str) -> Option<bool> {
        match self.text_at(path)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

/// The identification of an account (账号) under its `Id`: IBAN, or a number of the bank's own.
pub(super) fn account_of(account: &Node) -> Option<&str> {
    account.first_text(&["Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN"])
}

/// The name of a party in every edition.
pub(super) fn name_of<'n>(parties: &'n Node, party: &str) -> Option<&'n str> {
    let node = parties.child(party)?;
    node.first_text(&["Nm", "Pty/Nm", "Agt/FinInstnId/Nm"])
}
