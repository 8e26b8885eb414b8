//! The second opinion: its weights belong to its features, it says why, and without it the rules judge alone.

use std::fs;
use std::path::Path;

use caiu::corpus::evaluation::{Label, read_labels};
use caiu::model::Kind;
use caiu::tag::Tagger;
use caiu::tag::lexicon::Lexicon;
use caiu::tag::opinion::fit::{Sample, fit};
use caiu::tag::opinion::linear::{Linear, NUM_CLASSES};
use caiu::tag::opinion::network::Network;
use std::collections::{BTreeMap, BTreeSet};

use crate::support::{SMALL_LEXICONS, arg, file, folder, run, tagger};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Posts that the opinion has learned from.
fn lessons() -> Vec<Label> {
    let sets = ["ar", "en", "pt"].map(|lang| root().join(format!("data/training/{lang}.jsonl")));
    sets.iter().flat_map(|path| read_labels(&fs::read_to_string(path).unwrap()).unwrap()).collect()
}

/// Features of a table that is shipped.
fn shipped(table: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("lexicons/opinion").join(table)).unwrap();
    let names: Vec<String> = text.lines().skip(1).map(|line| line.split('\t').next().unwrap().to_owned()).collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{table} is not in the order of its names");
    Linear::parse(&text).unwrap();
    names.into_iter().collect()
}

/// Inputs of the network that is shipped.
fn inputs_of_network() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("lexicons/opinion/network.tsv")).unwrap();
    Network::parse(&text).unwrap();
    let names = text.lines().skip(1).filter_map(|line| line.split_once('\t')).map(|(name, _)| name.to_owned());
    names.filter(|name| name.as_bytes().get(1) == Some(&b':')).collect()
}

#[test]
fn weights_belong_to_features_that_posts_have() {
    let (kinds, parts, glances) = (shipped("kind.tsv"), shipped("part.tsv"), shipped("glance.tsv"));
    let network = inputs_of_network();
    let [mut seen_kinds, mut seen_parts, mut seen_glances, mut seen_network] = [const { BTreeSet::new() }; 4];
    // Every fifth post: enough to see most of the features, and cheap without optimization.
    for label in lessons().iter().step_by(5) {
        let study = tagger().study(&label.text, label.kind, |_| true);
        seen_kinds.extend(study.post.iter().map(|(name, ..)| name.to_owned()));
        seen_glances.extend(study.glance.iter().flat_map(|glance| glance.iter().map(|(name, ..)| name.to_owned())));
        seen_network.extend(study.inputs.into_iter().flatten().map(|(name, _)| name));
        for (_, features, inputs) in study.services {
            seen_parts.extend(features.iter().map(|(name, ..)| name.to_owned()));
            seen_network.extend(inputs.into_iter().flatten().map(|(name, _)| name));
        }
    }
    for group in ["w:", "l:", "m:"] {
        let has = |names: &BTreeSet<String>| names.iter().any(|name| name.starts_with(group));
        assert!(has(&network) && has(&seen_network), "network.tsv: no inputs of group {group}");
    }
    let share = network.intersection(&seen_network).count() as f64 / network.len() as f64;
    assert!(share > 0.7, "network.tsv: only {share:.2} of its inputs stand in posts; train again");
    let [of_post, of_glance] = [&["r:", "w:", "p:", "b:", "l:", "n:"][..], &["r:", "w:"]];
    for (table, shipped, seen, groups) in [
        ("kind.tsv", &kinds, &seen_kinds, of_post),
        ("part.tsv", &parts, &seen_parts, of_post),
        ("glance.tsv", &glances, &seen_glances, of_glance),
    ] {
        let share = shipped.intersection(seen).count() as f64 / shipped.len() as f64;
        // A feature that was renamed would leave its whole group behind.
        assert!(share > 0.5, "{table}: only {share:.2} of the weights belong to features of today; train again");
        for group in groups {
            let has = |names: &BTreeSet<String>| names.iter().any(|name| name.starts_with(group));
            assert!(has(shipped) && has(seen), "{table}: no features of group {group}");
        }
    }
}

#[test]
fn the_same_posts_give_the_same_table() {
    let train = || {
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let mut samples = Vec::new();
        for label in lessons().iter().step_by(300) {
            let study = tagger().study(&label.text, label.kind, |_| true);
            let mut features = Vec::new();
            for (name, value, _) in study.post.iter() {
                let new = numbers.len() as u32;
                features.push((*numbers.entry(name.to_owned()).or_insert(new), value));
            }
            samples.push(Sample { features, class: label.kind as usize, weight: 1.0 });
        }
        let weights = fit(&samples, numbers.len(), 0.5);
        let row = |number: u32| {
            let from = number as usize * NUM_CLASSES;
            std::array::from_fn(|class| (weights[from + class] * 1000.0).round() as i32)
        };
        let rows: Vec<_> = numbers.iter().map(|(name, &number)| (name.clone(), row(number))).collect();
        Linear::table(Kind::ALL.map(Kind::as_str), &rows)
    };
    let table = train();
    assert!(table.lines().count() > 1000, "{}", table.lines().count());
    assert_eq!(table, train());
}

#[test]
fn what_it_decides_against_the_rules_has_its_words_as_evidence() {
    let rules = Tagger::builtin().unwrap().with_opinion(None);
    let mut num_overruled = 0;
    for label in lessons().iter().step_by(14) {
        let (alone, both) = (rules.read(&label.text, None), tagger().read(&label.text, None));
        let learned: Vec<&str> =
            both.evidence.iter().map(|e| e.term.as_str()).filter(|term| term.starts_with("opinion.")).collect();
        if alone.kind != both.kind {
            num_overruled += 1;
            assert!(learned.contains(&format!("opinion.{}", both.kind).as_str()), "{}: {learned:?}", label.text);
        }
        assert!(alone.evidence.iter().all(|e| !e.term.as_str().starts_with("opinion.")), "{}", label.text);
    }
    assert!(num_overruled > 10, "{num_overruled}");
}

#[test]
fn a_review_that_names_nothing_is_read_by_its_words() {
    for (text, lang) in [
        ("the app closes by itself every time I open a message since the update", "en"),
        ("não consigo entrar, o código não chega e o app fica travando na tela de login", "pt"),
        ("التطبيق يعلق ويطلعني كل ما افتح المحادثات والكود ما يوصل", "ar"),
    ] {
        let reading = tagger().read(text, None);
        assert_eq!((reading.kind, reading.lang.code()), (Kind::Complaint, lang), "{text}");
    }
    for text in [
        "what a beautiful message, I cried and could not stop",
        "a tela do cinema novo é linda, chega de ficar em casa",
    ] {
        assert_eq!(tagger().read(text, None).kind, Kind::Other, "{text}");
    }
}

#[test]
fn where_no_row_fires_words_of_failing_are_listened_to_unless_they_are_somebody_elses() {
    let rules = Tagger::builtin().unwrap().with_opinion(None);
    for text in [
        "the update wiped every photo and now the page stays blank",
        "o extrato não aparece nunca, só uma rodinha",
        "كل ما افتح الفيديو يرجعني للصفحة الاولى",
    ] {
        let alone = rules.read(text, None);
        assert_eq!((alone.kind, alone.evidence.len()), (Kind::Other, 0), "{text}: a row fires");
        let reading = tagger().read(text, None);
        assert_eq!(reading.kind, Kind::Complaint, "{text}");
        assert!(reading.evidence.iter().all(|e| e.term.as_str() == "opinion.complaint"), "{text}");
        assert_eq!(tagger().read(&format!("@somebody {text}"), None).kind, Kind::Other, "{text}");
    }
}

#[test]
fn who_goes_back_leaves_where_they_waited() {
    for (text, from, to) in [
        ("WhatsApp is working again, goodbye Telegram", "telegram", "whatsapp"),
        ("o whatsapp voltou, adeus telegram", "telegram", "whatsapp"),
        ("رجع الواتساب، باي باي تيليجرام", "telegram", "whatsapp"),
    ] {
        let reading = tagger().read(text, None);
        let moves: Vec<_> = reading
            .moves
            .iter()
            .map(|step| (step.from.as_ref().map(caiu::model::ServiceId::as_str), step.to.as_str()))
            .collect();
        assert_eq!((reading.kind, &moves[..]), (Kind::Restored, &[(Some(from), to)][..]), "{text}");
    }
}

#[test]
fn explain_tells_how_both_were_weighed() {
    let ran = run(&["tag", "--explain", "zap caiu, fui pro telegram"], "");
    for part in
        ["opinion    complaint ", "for complaint: ", "opinion    whatsapp: down ", "weighed    rules say complaint"]
    {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let alone = run(&["tag", "--explain", "zap caiu", "--lexicons", SMALL_LEXICONS], "");
    assert!(!alone.out.contains("opinion"), "{}", alone.out);
}

#[test]
fn a_folder_brings_its_own_opinion_or_none() {
    let own = folder();
    file(own.path(), "services.toml", fs::read(root().join("lexicons/services.toml")).unwrap());
    let rules_only = Lexicon::load(own.path()).unwrap();
    assert!(rules_only.opinion.is_none());
    file(own.path(), "opinion/kind.tsv", "feature\tcomplaint\trestored\tnews\tother\nw:foo\t9000\t0\t0\t0\n");
    file(own.path(), "opinion/part.tsv", "feature\tdown\tto\tfrom\tnothing\nw:foo\t9000\t0\t0\t0\n");
    let taught = Lexicon::load(own.path()).unwrap();
    assert_ne!(taught.hash(), rules_only.hash());
    let taught = Tagger::new(taught);
    assert_eq!(taught.read("whatsapp foo", None).kind, Kind::Complaint);
    // Nothing is found there, and nothing promises that anything is said.
    assert_eq!(taught.read("foo foo foo", None).kind, Kind::Other);
    file(own.path(), "opinion/glance.tsv", "feature\tcomplaint\trestored\tnews\tother\nw:foo\t9000\t0\t0\t0\n");
    let taught = Tagger::new(Lexicon::load(own.path()).unwrap());
    assert_eq!(taught.read("foo foo foo", None).kind, Kind::Complaint);
    assert_eq!(taught.read("bar bar bar", None).kind, Kind::Other);
    // Long reviews are heard, essays are not.
    for (num_words, kind) in [(48, Kind::Complaint), (49, Kind::Other)] {
        assert_eq!(taught.read(&"foo ".repeat(num_words), None).kind, kind, "{num_words} words");
    }
    file(own.path(), "opinion/part.tsv", "feature\tdown\tto\tfrom\tnothing\nw:foo\tmuch\n");
    let ran = run(&["tag", "--lexicons", arg(own.path()), "--explain", "x"], "");
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("opinion/part.tsv") && ran.err.contains("line 2"), "{}", ran.err);
    assert!(!ran.err.contains("kind.tsv"), "{}", ran.err);
}

#[test]
fn a_first_look_finds_what_names_nothing_and_has_no_word_of_failing() {
    let text = "clico em entrar e volta pra mesma tela";
    let of = |text: &str| tagger().read(text, None).kind;
    assert_eq!(of(text), Kind::Complaint);
    // What somebody is told fails for them; what is long speaks of something else.
    assert_eq!(of(&format!("@ana {text}")), Kind::Other);
    assert_eq!(of(&format!("{text} {}", "e depois fomos jantar na casa da minha avó ".repeat(5))), Kind::Other);
    let own = folder();
    file(own.path(), "services.toml", fs::read(root().join("lexicons/services.toml")).unwrap());
    for table in ["kind", "part", "network"].map(|name| format!("opinion/{name}.tsv")) {
        file(own.path(), &table, fs::read(root().join("lexicons").join(&table)).unwrap());
    }
    assert_eq!(Tagger::new(Lexicon::load(own.path()).unwrap()).read(text, None).kind, Kind::Other);
}
