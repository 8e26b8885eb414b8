//! What the page must never hold, and that its languages say the same things.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{FILES, INDEX};

/// Longest file.
const MOST_LINES: usize = 500;

fn file(name: &str) -> &'static str {
    FILES.iter().find(|(known, ..)| *known == name).unwrap_or_else(|| panic!("{name} is not in FILES")).2
}

#[test]
fn nothing_comes_from_elsewhere_and_nothing_becomes_markup() {
    // Ways by which a text could become markup or code, or by which a request could leave the server.
    let banned = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "createContextualFragment",
        "srcdoc",
        "https://",
        "//cdn",
        "@import",
        "setAttribute(\"style\"",
        "style=",
        "dangerously",
    ];
    for (name, _, text) in FILES.iter().copied().chain([("index.html", "", INDEX)]) {
        for word in banned {
            assert!(!text.contains(word), "{name} has {word}");
        }
        // The one address that is no request is the name of SVG.
        let links = text.matches("http://").count() - text.matches("http://www.w3.org/2000/svg").count();
        assert_eq!(links, 0, "{name} has an address");
    }
    for inline in ["<style", "onclick", "onload", "<script>"] {
        assert!(!INDEX.contains(inline), "index.html has {inline}, which the policy forbids");
    }
}

#[test]
fn every_file_is_listed_short_and_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/page");
    let mut found = BTreeSet::new();
    for folder in ["", "locale/", "parts/", "views/"] {
        for path in fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_file() && !name.ends_with(".rs") && name != "index.html" {
                found.insert(format!("{folder}{name}"));
            }
        }
    }
    let listed: BTreeSet<String> = FILES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(found, listed);
    for (name, _, text) in FILES {
        let first = text.lines().next().unwrap();
        assert!(["// ", "/* ", "<!-- "].iter().any(|begin| first.starts_with(begin)), "{name} begins with {first}");
        assert!(text.lines().count() <= MOST_LINES, "{name} is too long");
    }
}

#[test]
fn what_is_asked_for_at_once_is_there() {
    for part in INDEX.split("@ASSETS@/").skip(1) {
        file(part.split('"').next().unwrap());
    }
    for (name, _, text) in FILES.iter().filter(|(name, ..)| name.ends_with(".js")) {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in
            text.split("from \"").skip(1).filter_map(|part| part.split('"').next()).filter(|part| part.starts_with('.'))
        {
            let resolved = match target.strip_prefix("../") {
                Some(rest) => rest.to_owned(),
                None => format!("{folder}/{}", target.trim_start_matches("./")).trim_start_matches('/').to_owned(),
            };
            assert!(FILES.iter().any(|(known, ..)| *known == resolved), "{name} imports {target}, which is not there");
        }
    }
}

/// Keys of a language with the placeholders of each, and the plural forms it has.
fn words(name: &str) -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let mut words = BTreeMap::new();
    // One entry is a key, a colon, and all up to the next key.
    let text = file(name);
    let keys: Vec<(usize, &str)> =
        text.match_indices("\n  \"").filter_map(|(at, _)| Some((at, text[at + 4..].split_once("\": ")?.0))).collect();
    for (index, (at, key)) in keys.iter().enumerate() {
        let end = keys.get(index + 1).map_or(text.len(), |(next, _)| *next);
        let body = &text[at + 4 + key.len() + 3..end];
        let slots: BTreeSet<String> = body
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}'))
            .map(|(slot, _)| slot.to_owned())
            .filter(|slot| !slot.is_empty() && slot.chars().all(char::is_alphanumeric))
            .collect();
        let forms: BTreeSet<String> = ["zero", "one", "two", "few", "many", "other"]
            .iter()
            .filter(|form| body.contains(&format!("{form}: \"")))
            .map(|form| (*form).to_owned())
            .collect();
        assert!(words.insert((*key).to_owned(), (slots, forms)).is_none(), "{name} has {key} twice");
    }
    words
}

#[test]
fn languages_say_the_same_things() {
    let english = words("locale/en.js");
    assert!(english.len() > 200, "{} keys", english.len());
    // Categories of CLDR for cardinal numbers.
    for (name, wanted) in [
        ("locale/pt.js", &["one", "many", "other"][..]),
        ("locale/ar.js", &["zero", "one", "two", "few", "many", "other"]),
    ] {
        let others = words(name);
        assert_eq!(english.keys().collect::<Vec<_>>(), others.keys().collect::<Vec<_>>(), "{name}");
        for (key, (slots, forms)) in &english {
            let (own_slots, own_forms) = &others[key];
            assert_eq!(slots, own_slots, "{name} {key}");
            let wanted: BTreeSet<String> = wanted.iter().map(|&form| form.to_owned()).collect();
            let expected = if forms.is_empty() { BTreeSet::new() } else { wanted };
            assert_eq!(*own_forms, expected, "{name} {key}");
        }
    }
}
