//! Readings of any text at all: never a panic, and evidence that can be cut out of the text.

use caiu::model::{Kind, Lang};
use proptest::prelude::*;

use crate::support::tagger;

/// Checks everything that holds of the reading of any text.
fn check(text: &str) -> Result<(), TestCaseError> {
    let reading = tagger().read(text, Some(Lang::PT));
    for evidence in &reading.evidence {
        let (from, to) = (evidence.span.start as usize, evidence.span.end as usize);
        prop_assert!(from < to && text.get(from..to).is_some(), "{text:?}: {evidence:?}");
    }
    let is_sorted = |names: &[caiu::model::ServiceId]| names.windows(2).all(|pair| pair[0] < pair[1]);
    prop_assert!(is_sorted(&reading.down) && is_sorted(&reading.named), "{text:?}: {reading:?}");
    prop_assert!(reading.down.iter().all(|service| reading.named.contains(service)), "{text:?}: {reading:?}");
    prop_assert!(reading.kind != Kind::Other || reading.down.is_empty(), "{text:?}: {reading:?}");
    prop_assert!(reading.moves.iter().all(|step| step.from.as_ref() != Some(&step.to)), "{text:?}: {reading:?}");
    prop_assert!((0.0..=1.0).contains(&reading.lang.confidence()), "{text:?}: {reading:?}");
    prop_assert_eq!(tagger().read(text, Some(Lang::PT)), reading);
    Ok(())
}

/// Pieces that rows fire on, and what breaks cutting: marks, joiners, other scripts, half entities.
const PIECES: [&str; 34] = [
    "zap",
    "caiu",
    "WhatsApp",
    "is down",
    "moved to",
    "telegram",
    "fui pro",
    "الواتساب",
    "معطل",
    "واتساب",
    "طاح",
    "وبالواتساب",
    "#whatsappdown",
    "#واتساب_معطل",
    "@WhatsApp",
    "https://t.co/x",
    "😭",
    "👨‍👩‍👧",
    "🇧🇷",
    "é",
    "e\u{301}",
    "ـــ",
    "\u{200f}",
    "\u{200d}",
    "&amp;",
    "&",
    "'",
    "’s",
    "?",
    "...",
    "\n",
    "İ",
    "ﷺ",
    "#",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}") {
        check(&text)?;
    }

    #[test]
    fn any_characters_are_read(chars in proptest::collection::vec(any::<char>(), 0..60)) {
        check(&chars.into_iter().collect::<String>())?;
    }

    #[test]
    fn telling_pieces_in_any_order_are_read(
        pieces in proptest::collection::vec((proptest::sample::select(&PIECES[..]), any::<bool>()), 0..14),
    ) {
        let text: String = pieces.iter().flat_map(|(piece, space)| [*piece, if *space { " " } else { "" }]).collect();
        check(&text)?;
    }
}
