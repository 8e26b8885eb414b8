//! Lexicons: those in the program hold, and a person's own bring languages and services without any code.

use std::fs;
use std::path::Path;

use caiu::tag::lexicon::Lexicon;
use serde_json::json;

use crate::support::{SMALL_LEXICONS, arg, file, folder, run, run_small};

#[test]
fn every_row_in_the_program_holds_on_its_own_examples() {
    for lexicons in [None, Some(SMALL_LEXICONS)] {
        let own: Vec<&str> = lexicons.iter().flat_map(|folder| ["--lexicons", folder]).collect();
        let ran = run(&[&["lexicon", "check"], &own[..]].concat(), "");
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("rows hold on their"), "{}", ran.out);
    }
}

#[test]
fn the_same_lexicons_are_the_same_inside_the_program_and_in_a_folder() {
    let [inside, outside] = [Lexicon::builtin().unwrap(), Lexicon::load(Path::new("lexicons")).unwrap()];
    assert_eq!(inside.hash(), outside.hash());
    let ids = |lexicon: &Lexicon| lexicon.rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(&inside), ids(&outside));
}

#[test]
fn a_language_and_a_service_come_with_their_files() {
    for (text, lang, kind, down, moves) in [
        ("Doctolib est en panne depuis ce matin", "fr", "complaint", json!(["doctolib"]), json!([])),
        ("@doctolib ne marche plus ?", "fr", "complaint", json!(["doctolib"]), json!([])),
        (
            "le site de Doctolib est en panne, du coup je suis passé sur Telegram",
            "fr",
            "complaint",
            json!(["doctolib"]),
            json!([["doctolib", "telegram"]]),
        ),
        ("j'ai pris rendez-vous sur Doctolib pour demain matin", "fr", "other", json!([]), json!([])),
    ] {
        let row = run_small(&["tag"], json!({ "text": text }).to_string()).rows().remove(0);
        let got = (&row["lang"], &row["kind"], &row["down"], &row["moves"]);
        assert_eq!(got, (&json!(lang), &json!(kind), &down, &moves), "{text}");
    }
}

#[test]
fn what_is_covered_is_listed() {
    let list = |args: &[&str]| run_small(&[&["lexicon", "list", "--json"], args].concat(), "").json();
    let services = list(&["--services"]);
    assert_eq!(services.as_array().unwrap().len(), 5);
    assert_eq!(services[4]["service"], "doctolib");
    assert_eq!(services[4]["countries"], "FR DE");
    let langs: Vec<String> =
        list(&[]).as_array().unwrap().iter().map(|row| format!("{} {}", row["lang"], row["kind"])).collect();
    assert!(langs.contains(&"\"fr\" \"outage\"".to_owned()), "{langs:?}");
    assert_eq!(list(&["--rows"])[0]["row"], "en.cue.yesterday");
}

/// Copies the small lexicons and changes one file.
fn changed(folder: &Path, name: &str, text: &str) {
    for section in fs::read_dir(SMALL_LEXICONS).unwrap().map(|entry| entry.unwrap().path()) {
        let name = section.file_name().unwrap();
        if section.is_dir() {
            fs::create_dir_all(folder.join(name)).unwrap();
            for entry in fs::read_dir(&section).unwrap().map(|entry| entry.unwrap().path()) {
                fs::copy(&entry, folder.join(name).join(entry.file_name().unwrap())).unwrap();
            }
        } else {
            fs::copy(&section, folder.join(name)).unwrap();
        }
    }
    file(folder, name, text);
}

fn row(fields: &str) -> String {
    format!("[[row]]\nid = \"fr.outage.x\"\nsymptom = \"down\"\nneeds = \"service\"\n{fields}\n")
}

#[test]
fn what_is_wrong_is_named_by_file_and_row() {
    let good = "pattern = [\"$S en panne\"]\nmatches = [\"doctolib en panne\"]\nrejects = [\"voiture en panne\"]";
    for (name, text, words) in [
        (
            "outage/fr.toml",
            row(&good.replace("en panne\"]\nm", "(en panne\"]\nm")),
            &["outage/fr.toml", "fr.outage.x", "bracket"][..],
        ),
        ("outage/fr.toml", row(&good.replace("$S en", "..2 en")), &["outage/fr.toml", "fr.outage.x"]),
        ("outage/fr.toml", row(&good.replace("$S en panne\"]\nm", "pa* en\"]\nm")), &["outage/fr.toml", "fr.outage.x"]),
        ("outage/fr.toml", row(good).replace("needs = \"service\"", "needs = \"luck\""), &["outage/fr.toml", "luck"]),
        ("outage/fr.toml", row(&good.replace("pattern", "patern")), &["outage/fr.toml", "patern"]),
        ("outage/fr.toml", "[[row]\n".to_owned(), &["outage/fr.toml", "line 1"]),
        ("outage/french.toml", row(good), &["outage/french.toml", "two letters"]),
        (
            "services.toml",
            "[[service]]\nid = \"x\"\ncategory = \"work\"\nnames = [\"(x\"]\n".to_owned(),
            &["services.toml", "x"],
        ),
        // These load, and fail the proof.
        (
            "outage/fr.toml",
            row(&good.replace("doctolib en panne", "doctolib est mort")),
            &["fr.outage.x", "does not fire", "doctolib est mort"],
        ),
        (
            "outage/fr.toml",
            row(&good.replace("voiture en panne", "insta en panne")),
            &["fr.outage.x", "should reject", "insta en panne"],
        ),
        ("outage/fr.toml", row(good) + &row(good), &["fr.outage.x", "twice"]),
    ] {
        let folder = folder();
        changed(folder.path(), name, &text);
        let ran = run(&["lexicon", "check", "--lexicons", arg(folder.path())], "");
        assert_eq!(ran.code, Some(2), "{text}: {}", ran.out);
        let told = ran.out + &ran.err;
        assert!(words.iter().all(|word| told.contains(word)), "{text}: {told}");
    }
}

#[test]
fn a_folder_without_lexicons_is_named() {
    let folder = folder();
    for lexicons in [folder.path().to_owned(), folder.path().join("nowhere")] {
        let ran = run(&["tag", "--lexicons", arg(&lexicons)], "{\"text\":\"x\"}");
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        assert!(ran.err.contains(arg(&lexicons)) && ran.err.contains("services.toml"), "{}", ran.err);
    }
}
