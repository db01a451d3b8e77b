//! Where the fields of an XML format stand: a field's name is the path of its element or attribute, and all of them
//! make a tree that a document is read along.
//!
//! A head's and a tail's path begins below the root (`INFO/REQ_SN`), a row's below the repeated element (`Amt/@Ccy`).

use super::format::Part;
use crate::xml::is_name;

/// The elements a format knows; the first is the root.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    pub nodes: Vec<Node>,
}

/// One element.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Its local name.
    pub name: String,
    /// The field its text is.
    pub text: Option<Slot>,
    /// The fields its attributes are.
    pub attributes: Vec<(String, Slot)>,
    pub children: Vec<usize>,
    /// It is the repeated element: a record.
    pub row: bool,
    /// It is known and not read: the signature.
    pub passed_over: bool,
}

/// A field: which part of the file, and which of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub part: Part,
    pub field: usize,
}

/// The elements of a path, outermost first, and the attribute at its end.
pub(super) fn path(name: &str) -> Result<(Vec<&str>, Option<&str>), String> {
    let mut steps: Vec<&str> = name.split('/').collect();
    let attribute = match steps.last().and_then(|last| last.strip_prefix('@')) {
        None => None,
        Some(attribute) => {
            steps.pop();
            Some(attribute)
        }
    };
    if steps.iter().copied().chain(attribute).all(is_name) {
        return Ok((steps, attribute));
    }
    Err(format!("`{name}` is no path; write element names between `/`, and `@name` last for an attribute"))
}

impl Tree {
    /// A tree of the root and the elements down to the repeated one.
    pub(super) fn new(root: &str, rows: &[&str]) -> Tree {
        let mut tree = Tree { nodes: vec![Node { name: root.to_owned(), ..Node::default() }] };
        let row = tree.descend(0, rows);
        tree.nodes[row].row = true;
        tree
    }

    /// Puts a field into its place.
    pub(super) fn place(&mut self, slot: Slot, name: &str) -> Result<(), String> {
        let (steps, attribute) = path(name)?;
        let start = if slot.part == Part::Row { self.row() } else { 0 };
        let at = self.descend(start, &steps);
        if start == 0 && self.within_row(&steps) {
            return Err("it stands inside the repeated element; its fields belong to [row]".to_owned());
        }
        let node = &mut self.nodes[at];
        match attribute {
            Some(attribute) => node.attributes.push((attribute.to_owned(), slot)),
            None if at == start => return Err("the element itself has no text; name one inside it".to_owned()),
            None => node.text = Some(slot),
        }
        Ok(())
    }

    /// An element that is known and not read.
    pub(super) fn pass_over(&mut self, name: &str) {
        let steps: Vec<&str> = name.split('/').collect();
        let at = self.descend(0, &steps);
        self.nodes[at].passed_over = true;
    }

    /// The name of an element that would have a text and children, which none may.
    pub(super) fn mixed(&self) -> Option<&str> {
        let mixed = self.nodes.iter().find(|node| node.text.is_some() && (node.row || !node.children.is_empty()));
        mixed.map(|node| node.name.as_str())
    }

    /// The child of an element, by name.
    pub(super) fn child(&self, of: usize, name: &str) -> Option<usize> {
        self.nodes[of].children.iter().copied().find(|child| self.nodes[*child].name == name)
    }

    fn row(&self) -> usize {
        self.nodes.iter().position(|node| node.row).unwrap_or(0)
    }

    fn within_row(&self, steps: &[&str]) -> bool {
        let mut at = 0;
        for step in steps {
            let Some(next) = self.child(at, step) else { return false };
            at = next;
            if self.nodes[at].row {
                return true;
            }
        }
        false
    }

    fn descend(&mut self, from: usize, steps: &[&str]) -> usize {
        let mut at = from;
        for step in steps {
            at = match self.child(at, step) {
                Some(known) => known,
                None => {
                    let new = self.nodes.len();
                    self.nodes.push(Node { name: (*step).to_owned(), ..Node::default() });
                    self.nodes[at].children.push(new);
                    new
                }
            };
        }
        at
    }
}
