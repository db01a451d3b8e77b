//! Every change from every state, by hand.

use super::*;
use AgreementState::{Active, Cancelled, Pending, Suspended};

fn standing(state: AgreementState) -> Standing {
    Standing { state, threshold: Fen::yuan(30), amount: Fen::yuan(50) }
}

fn change(text: &str) -> Change {
    text.parse().unwrap()
}

#[test]
fn every_change_from_every_state() {
    // From pending, active, suspended, cancelled: the state afterwards, or nothing.
    let table = [
        ("release", [Some(Active), None, None, None]),
        ("suspend", [None, Some(Suspended), None, None]),
        ("resume", [None, None, Some(Active), None]),
        ("cancel", [Some(Cancelled), Some(Cancelled), Some(Cancelled), None]),
        ("replace_card:BOC", [None, Some(Active), Some(Suspended), None]),
        ("amend:amount=100", [None, Some(Active), Some(Suspended), None]),
        ("tell_again:BOC", [None, Some(Active), Some(Suspended), Some(Cancelled)]),
    ];
    for (text, afterwards) in table {
        for (state, after) in [Pending, Active, Suspended, Cancelled].into_iter().zip(afterwards) {
            let found = amend(&standing(state), &change(text), &Boxes::default());
            assert_eq!(found.as_ref().ok().map(|s| s.state), after, "{text} from {state:?}: {found:?}");
            if let Some(next) = after.filter(|next| *next != state) {
                assert!(state.may_become(next), "{text}: {state:?} → {next:?} is no step of an agreement's life");
            }
        }
    }
}

#[test]
fn terms_are_boxes_of_the_form_and_something_changes() {
    let said = |text: &str| amend(&standing(Active), &change(text), &Boxes::default()).map_err(|e| e.to_string());
    let after = said("amend:threshold=50").unwrap();
    assert_eq!((after.threshold, after.amount), (Fen::yuan(50), Fen::yuan(50)));
    assert_eq!(said("amend:threshold=100,amount=30.00").unwrap().amount, Fen::yuan(30));
    assert!(said("amend:threshold=31").unwrap_err().contains("31.00 is no box of the form"));
    assert!(said("amend:amount=50.01").unwrap_err().contains("30.00, 50.00, 100.00, 150.00, 200.00, 300.00"));
    assert!(said("amend:threshold=30,amount=50").unwrap_err().contains("nothing would change"));
}

#[test]
fn changes_are_written_as_they_are_read() {
    for text in [
        "amend:threshold=50.00,amount=100.00",
        "amend:amount=30.00",
        "suspend",
        "release",
        "replace_card:BOC",
        "tell_again:BOC",
        "cancel",
    ] {
        assert_eq!(change(text).to_string(), text);
    }
    for text in ["amend", "amend:", "amend:limit=5", "amend:amount=1e3", "amend:amount=30,amount=50", "replace_card"] {
        assert!(text.parse::<Change>().is_err(), "{text}");
    }
    for text in ["replace_card:", "tell_again", "suspend:now", "flip"] {
        assert!(text.parse::<Change>().unwrap_err().to_string().contains(text));
    }
}

#[test]
fn a_debit_on_its_way_keeps_its_terms() {
    let debit = |sealed, sent, paid| Flight { sealed, sent, paid };
    let table = [
        (debit(false, false, false), Cancelled, InFlight::Void),
        (debit(false, false, false), Suspended, InFlight::Void),
        (debit(false, false, false), Active, InFlight::Frozen),
        (debit(true, false, false), Cancelled, InFlight::Frozen),
        (debit(true, true, false), Cancelled, InFlight::Left),
        (debit(true, true, true), Active, InFlight::Taken),
    ];
    for (debit, after, becomes) in table {
        assert_eq!(in_flight(debit, after), becomes, "{debit:?} {after:?}");
    }
}
