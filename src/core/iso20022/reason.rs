//! Reasons (原因): of a status report and of a return; a code, a word of the bank's own, or only text.

use super::names::Name::*;
use super::node::Node;

/// One reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reason {
    /// `Rsn/Cd`, or `Rsn/Prtry`; empty where there is only text.
    pub code: String,
    /// The code is one of the bank's own.
    pub proprietary: bool,
    /// `AddtlInf`, its lines joined by blanks.
    pub text: String,
}

impl Reason {
    /// Reads `StsRsnInf` or `RtrInf`.
    pub(super) fn of(node: Node<'_>) -> Reason {
        let iso = node.first_text(&[&[Rsn, Cd], &[StsRsn, Cd], &[RtrRsn, Cd]]);
        let own = node.first_text(&[&[Rsn, Prtry], &[StsRsn, Prtry], &[RtrRsn, Prtry]]);
        let lines: Vec<&str> = [AddtlInf, AddtlStsRsnInf, AddtlRtrRsnInf]
            .into_iter()
            .flat_map(|name| node.all(name))
            .map(Node::text)
            .filter(|line| !line.is_empty())
            .collect();
        Reason {
            code: iso.or(own).unwrap_or_default().to_owned(),
            proprietary: iso.is_none() && own.is_some(),
            text: lines.join(" "),
        }
    }

    /// Every reason of an element.
    pub(super) fn all(node: Node<'_>) -> Vec<Reason> {
        node.all(StsRsnInf).map(Reason::of).filter(|reason| *reason != Reason::default()).collect()
    }
}

/// The codes of several reasons: `AC01 NARR`.
pub(super) fn codes(reasons: &[Reason]) -> String {
    let all: Vec<&str> = reasons.iter().map(|reason| reason.code.as_str()).filter(|code| !code.is_empty()).collect();
    all.join(" ")
}

/// The words of several reasons.
pub(super) fn words(reasons: &[Reason]) -> String {
    let all: Vec<&str> = reasons.iter().map(|reason| reason.text.as_str()).filter(|text| !text.is_empty()).collect();
    all.join(" ")
}
