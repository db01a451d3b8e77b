//! One small part of a document in memory: an entry, a transaction, a group's head. Elements are found by name, in
//! whatever order they stand; that the order is not the schema's is told.

use std::ops::Range;

use super::money::Money;
use super::names::Name::{self, *};
use super::order::order_of;
use crate::xml::{Place, Start};

/// The elements of one part and their texts, each in one piece of memory: the next part uses it again.
#[derive(Debug)]
pub(super) struct Tree {
    /// The root first; there always is one.
    items: Vec<Item>,
    text: String,
    /// Children of the root.
    kept: usize,
}

/// An element. Others are known by their index; 0 is the root, and no element's child.
#[derive(Debug)]
struct Item {
    name: Name,
    /// The name where it is none that is looked at.
    label: Range<usize>,
    /// Its own text, white space at the ends taken off.
    text: Range<usize>,
    /// The attribute `Ccy`: the only one the messages have.
    currency: Range<usize>,
    place: Place,
    first: usize,
    last: usize,
    next: usize,
    /// The place of the last child in the schema's order.
    reached: usize,
}

/// An element of a tree, with what stands in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'t> {
    tree: &'t Tree,
    at: usize,
}

impl Tree {
    /// Nothing was read yet.
    pub(super) fn new() -> Tree {
        let mut tree = Tree::gone();
        tree.push(Other, "", "", Place { line: 1, column: 1 });
        tree
    }

    /// Stands where a tree is taken out for the time being; nothing is asked of it.
    pub(super) fn gone() -> Tree {
        Tree { items: Vec::new(), text: String::new(), kept: 0 }
    }

    /// Forgets everything: a part begins with its first element.
    pub(super) fn begin(&mut self, name: Name, start: Start<'_>, place: Place) {
        self.items.clear();
        self.text.clear();
        self.kept = 0;
        self.push(name, start.name(), start.attribute("Ccy").unwrap_or_default(), place);
    }

    /// Adds an element behind the other children of `parent`.
    #[inline]
    pub(super) fn add(&mut self, parent: usize, name: Name, start: Start<'_>, place: Place) -> usize {
        let new = self.items.len();
        self.push(name, start.name(), start.attribute("Ccy").unwrap_or_default(), place);
        match std::mem::replace(&mut self.items[parent].last, new) {
            0 => self.items[parent].first = new,
            before => self.items[before].next = new,
        }
        self.kept += usize::from(parent == 0);
        new
    }

    fn push(&mut self, name: Name, label: &str, currency: &str, place: Place) {
        let from = self.text.len();
        self.text.push_str(currency);
        let named = self.text.len();
        if name == Other {
            self.text.push_str(label);
        }
        let end = self.text.len();
        let (currency, label, text) = (from..named, named..end, end..end);
        self.items.push(Item { name, label, text, currency, place, first: 0, last: 0, next: 0, reached: 0 });
    }

    /// A piece of an element's own text.
    #[inline]
    pub(super) fn say(&mut self, at: usize, piece: &str) {
        let before = self.items[at].text.clone();
        let mut from = before.start;
        if before.end != self.text.len() {
            // Children came in between: what was said before them is said again, so that the text is one.
            from = self.text.len();
            self.text.extend_from_within(before);
        }
        self.text.push_str(piece.trim());
        self.items[at].text = from..self.text.len();
    }

    /// Notes that a child of this name comes next: a warning, if the schema puts it earlier.
    #[inline]
    pub(super) fn next_is(&mut self, parent: usize, child: Name) -> Option<String> {
        let item = &mut self.items[parent];
        let order = order_of(item.name);
        if let Some(further) = order.iter().skip(item.reached).position(|known| *known == child) {
            item.reached += further;
            return None;
        }
        if !order.contains(&child) {
            return None;
        }
        let before = order.get(item.reached).map_or("", |name| name.word());
        Some(format!("{} stands behind {before}; the schema puts it before", child.word()))
    }

    /// How many children the root has.
    pub(super) fn kept(&self) -> usize {
        self.kept
    }

    pub(super) fn root(&self) -> Node<'_> {
        self.node(0)
    }

    pub(super) fn node(&self, at: usize) -> Node<'_> {
        Node { tree: self, at }
    }
}

impl<'t> Node<'t> {
    fn item(self) -> &'t Item {
        &self.tree.items[self.at]
    }

    pub(super) fn name(self) -> &'t str {
        let item = self.item();
        if item.name == Other { &self.tree.text[item.label.clone()] } else { item.name.word() }
    }

    /// Its own text, white space at the ends taken off; empty where it has children.
    pub(super) fn text(self) -> &'t str {
        &self.tree.text[self.item().text.clone()]
    }

    /// The attribute `Ccy`; empty without one.
    pub(super) fn currency(self) -> &'t str {
        &self.tree.text[self.item().currency.clone()]
    }

    pub(super) fn place(self) -> Place {
        self.item().place
    }

    fn children(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let tree = self.tree;
        let some = move |at: usize| (at > 0).then_some(at);
        std::iter::successors(some(self.item().first), move |at| some(tree.items[*at].next)).map(|at| tree.node(at))
    }

    /// All children of a name.
    pub(super) fn all(self, name: Name) -> impl Iterator<Item = Node<'t>> + Clone {
        self.children().filter(move |child| child.item().name == name)
    }

    /// The first child of a name.
    pub(super) fn child(self, name: Name) -> Option<Node<'t>> {
        self.all(name).next()
    }

    /// The first element on a path: `[Rsn, Cd]`.
    pub(super) fn at(self, path: &[Name]) -> Option<Node<'t>> {
        path.iter().try_fold(self, |node, name| node.child(*name))
    }

    /// The text of the first element on a path; `None` where it is missing or empty.
    pub(super) fn text_at(self, path: &[Name]) -> Option<&'t str> {
        self.at(path).map(Node::text).filter(|text| !text.is_empty())
    }

    /// The first text among several paths.
    pub(super) fn first_text(self, paths: &[&[Name]]) -> Option<&'t str> {
        paths.iter().find_map(|path| self.text_at(path))
    }

    /// [`Node::text_at`], owned.
    pub(super) fn own(self, path: &[Name]) -> Option<String> {
        self.text_at(path).map(str::to_owned)
    }

    /// The amount on a path; `None` where it is missing, an inner error where it is none.
    pub(super) fn money_at(self, path: &[Name]) -> Option<Result<Money, (Place, String)>> {
        let node = self.at(path)?;
        Some(Money::parse(node.text(), node.currency()).map_err(|why| (node.place(), why)))
    }

    /// Whether an indicator on a path says yes; `None` where it says nothing.
    pub(super) fn flag_at(self, path: &[Name]) -> Option<bool> {
        match self.text_at(path)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

/// The identification of an account (账号) under its `Id`: IBAN, or a number of the bank's own.
pub(super) fn account_of(account: Node<'_>) -> Option<&str> {
    account.first_text(&[&[Id, IBAN], &[Id, Othr, Id], &[Id, PrtryAcct, Id], &[Id, BBAN]])
}

/// The name of a party in every edition.
pub(super) fn name_of(parties: Node<'_>, party: Name) -> Option<&str> {
    parties.child(party)?.first_text(&[&[Nm], &[Pty, Nm], &[Agt, FinInstnId, Nm]])
}
