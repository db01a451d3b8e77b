//! What is told, what a reply is about and where lists differ, by hand.

use super::*;
use Operation::{Cancel, Sign};

#[test]
fn a_bank_is_told_what_it_does_not_know() {
    use Holds::{Nothing, Other, Same};
    let told =
        |operation, reply, holds, same_version| Some(Told { operation, reply, holds, same_version, again: false });
    // (told, what the bank holds, same version) → where the agreement stands there, where it does not
    let table: &[(Option<Told>, &[Operation], &[Operation])] = &[
        (None, &[Sign], &[]),
        (told(Sign, Reply::Waiting, Nothing, false), &[], &[]),
        (told(Sign, Reply::Yes, Same, true), &[], &[Cancel]),
        (told(Sign, Reply::Yes, Same, false), &[], &[Cancel]),
        (told(Sign, Reply::Yes, Other, false), &[Cancel, Sign], &[Cancel]),
        (told(Sign, Reply::No, Nothing, true), &[], &[]),
        (told(Sign, Reply::No, Nothing, false), &[Sign], &[]),
        // Cancellation of the old card and signing of the new one refused together: the old one still stands there.
        (told(Sign, Reply::No, Other, true), &[], &[]),
        (told(Sign, Reply::No, Other, false), &[Cancel, Sign], &[]),
        (told(Cancel, Reply::Waiting, Same, true), &[], &[]),
        (told(Cancel, Reply::Yes, Nothing, true), &[Sign], &[]),
        (told(Cancel, Reply::No, Same, true), &[Sign], &[]),
        (told(Cancel, Reply::No, Other, true), &[Cancel, Sign], &[]),
    ];
    for (told, stands, gone) in table {
        assert_eq!((to_tell(true, *told), to_tell(false, *told)), (*stands, *gone), "{told:?}");
    }
}

#[test]
fn a_reply_is_about_the_word_that_waits() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day);
    let word = |operation, reply, key: (i64, i64), same_card| {
        let told_on = day(u32::try_from(key.1).unwrap()).unwrap();
        Word { operation, reply, key, same_card, told_on }
    };
    let hear = |words: &[Word], operation, yes| hear(words, operation, yes, None);
    let words = [
        word(Sign, Reply::Yes, (1, 1), true),
        word(Cancel, Reply::Waiting, (1, 2), true),
        word(Sign, Reply::Waiting, (1, 3), true),
    ];
    assert_eq!(hear(&words, Some(Cancel), true), Heard::News((1, 2)));
    assert_eq!(hear(&words, Some(Sign), false), Heard::News((1, 3)));
    assert_eq!(hear(&words, None, true), Heard::News((1, 3)));
    assert_eq!(hear(&words[..1], Some(Sign), true), Heard::Repeat);
    assert_eq!(hear(&words[..1], Some(Sign), false), Heard::Contradiction((1, 1)));
    assert_eq!(hear(&words[..1], Some(Cancel), true), Heard::NeverTold);
    assert_eq!(hear(&[word(Sign, Reply::Waiting, (1, 1), false)], Some(Sign), true), Heard::OtherCard);
    // A repeated yes about the old card, while the new one's reply is outstanding.
    let moved = [word(Sign, Reply::Yes, (1, 1), true), word(Sign, Reply::Waiting, (1, 3), false)];
    assert_eq!((hear(&moved, Some(Sign), true), hear(&moved, None, true)), (Heard::Repeat, Heard::Repeat));
    // Told again on the 3rd what was refused on the 1st: the reply of the 2nd is the old one once more.
    let again = [word(Sign, Reply::No, (1, 1), true), word(Sign, Reply::Waiting, (1, 3), true)];
    assert_eq!(super::hear(&again, Some(Sign), false, day(2)), Heard::Repeat);
    assert_eq!(super::hear(&again, Some(Sign), false, day(3)), Heard::News((1, 3)));
    assert_eq!(super::hear(&again, Some(Sign), true, day(2)), Heard::Contradiction((1, 1)));
    assert_eq!(super::hear(&again[1..], Some(Sign), true, day(2)), Heard::NeverTold);
}

#[test]
fn what_a_bank_refused_is_told_again_where_people_say_so() {
    let holding =
        |holds, operation, reply, same_version, again| Some(Told { operation, reply, holds, same_version, again });
    let told = |operation, reply, same_version, again| {
        let holds = if operation == Sign { Holds::Nothing } else { Holds::Same };
        holding(holds, operation, reply, same_version, again)
    };
    const SIGN: &[Operation] = &[Sign];
    const CANCEL: &[Operation] = &[Cancel];
    // (told) → ordered where it stands, where it does not
    let table = [
        (None, Err(NotAgain::NeverTold), Err(NotAgain::NeverTold)),
        (told(Sign, Reply::Waiting, true, false), Err(NotAgain::Waiting), Err(NotAgain::Waiting)),
        (told(Sign, Reply::Yes, true, false), Err(NotAgain::Accepted), Err(NotAgain::Accepted)),
        (told(Sign, Reply::No, true, false), Ok(SIGN), Err(NotAgain::Gone)),
        (told(Sign, Reply::No, true, true), Err(NotAgain::Due), Err(NotAgain::Gone)),
        (told(Sign, Reply::No, false, false), Err(NotAgain::Due), Err(NotAgain::Gone)),
        (told(Cancel, Reply::No, true, false), Err(NotAgain::Due), Ok(CANCEL)),
        (told(Cancel, Reply::No, true, true), Err(NotAgain::Due), Err(NotAgain::Due)),
        (holding(Holds::Other, Sign, Reply::No, true, false), Ok(&[Cancel, Sign][..]), Ok(CANCEL)),
    ];
    for (told, stands, gone) in table {
        assert_eq!((tell_again(true, told), tell_again(false, told)), (stands, gone), "{told:?}");
    }
    assert_eq!(to_tell(true, told(Sign, Reply::No, true, true)), [Sign]);
    assert_eq!(to_tell(false, told(Cancel, Reply::No, true, true)), [Cancel]);
    let both = holding(Holds::Other, Sign, Reply::No, true, true);
    assert_eq!((to_tell(true, both), to_tell(false, both)), (&[Cancel, Sign][..], &[Cancel][..]));
    assert_eq!(to_tell(false, told(Sign, Reply::No, true, true)), []);
}

#[test]
fn two_lists_differ_in_what_both_state() {
    let listed = |same_card, payer_name, agreement| Listed { same_card, payer_name, agreement };
    let table = [
        (listed(Some(true), Some("测试甲"), Some("051600001234-1")), None),
        (listed(None, None, None), None),
        (listed(Some(false), Some("测试乙"), None), Some(Difference::Card)),
        (listed(Some(true), Some("测试乙"), None), Some(Difference::Name)),
        (listed(Some(true), None, Some("051600001234-2")), Some(Difference::Number)),
    ];
    for (theirs, wanted) in table {
        assert_eq!(differs(&theirs, "测试甲", "051600001234-1"), wanted, "{theirs:?}");
    }
}
