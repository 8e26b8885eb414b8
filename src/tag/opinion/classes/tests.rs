//! Tests of word classes.

use super::*;
use crate::tag::lexicon::Lexicon;
use crate::tag::opinion::features::Features;
use crate::tag::opinion::tokens::tokens;

fn names(table: &Table, text: &str) -> Vec<String> {
    let words = Words::plain(text);
    let tokens = tokens(&words, &[], None);
    let sets = table.sets(Some(Lang::EN), &words, &tokens);
    let mut features = Features::default();
    table.describe(&sets, &tokens, &mut features);
    features.iter().map(|(name, ..)| name.to_owned()).collect()
}

fn some() -> Table {
    let text = "work = [\"load\", \"log in\"]\nfail = [\"crash*\"]\nnot = [\"won't\"]\nsign = [\"404\"]\npart = [\"app\", \"photo*\"]";
    Classes::new(vec![(Lang::EN, text.to_owned())]).read().unwrap()
}

#[test]
fn words_stems_and_pairs_are_found_and_negated() {
    let found = names(&some(), "It won't log in. Crashing, 404");
    for name in ["k:not", "k:work", "k:not work", "c:not work", "m:not&work", "k:fail", "c:fail sign", "k:sign"] {
        assert!(found.iter().any(|known| known == name), "{name} is missing: {found:?}");
    }
    assert!(!found.iter().any(|name| name == "m:fail&work" || name == "k:not fail"), "{found:?}");
}

#[test]
fn what_fails_is_told_near_what_is_used() {
    let told = |text: &str| {
        let words = Words::plain(text);
        let tokens = tokens(&words, &[], None);
        let table = some();
        table.may_name_part(Some(Lang::EN), &words)
            && table.tell_of_failing(&table.sets(Some(Lang::EN), &words, &tokens), &tokens)
    };
    for text in ["the app crashes", "photos won't load", "404 in every app"] {
        assert!(told(text), "{text}");
    }
    for text in
        ["it crashes", "the app will load", "nice app. it crashes", "an app for walks with dogs cats and birds, crash"]
    {
        assert!(!told(text), "{text}");
    }
}

#[test]
fn other_languages_and_wrong_entries_have_no_say() {
    let words = Words::plain("load");
    let tokens = tokens(&words, &[], None);
    assert!(some().sets(Some(Lang::PT), &words, &tokens).iter().all(|set| *set == 0));
    for (wrong, detail) in [("a = [\"it goes on and on\"]", "one to three"), ("a = [\"ab*\"]", "three letters")] {
        let (lang, told) = Classes::new(vec![(Lang::EN, wrong.to_owned())]).checked().unwrap_err();
        assert!(lang == Lang::EN && told.contains(detail), "{told}");
    }
}

#[test]
fn the_classes_inside_the_program_can_be_read() {
    let classes = Lexicon::builtin().unwrap().classes.checked().unwrap();
    assert_eq!(classes.table().langs.len(), 3);
    assert!(classes.table().names.iter().any(|name| NEGATIONS.contains(&name.as_str())));
}
