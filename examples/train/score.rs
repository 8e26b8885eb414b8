//! Cross-validation: how well rules alone, and rules and opinion, read posts that the opinion was not trained on.

use caiu::corpus::evaluation::{Compared, Evaluation};
use caiu::tag::Tagger;
use caiu::tag::opinion::{Opinion, Tables};

use crate::lessons::{Lessons, hash_of};

/// Prints the scores of both by language.
pub(crate) fn cross_validate(mut tagger: Tagger, lessons: &Lessons, num_folds: u64) -> anyhow::Result<()> {
    anyhow::ensure!(num_folds > 1, "at least two folds are needed");
    let fold = |number: usize| hash_of(&[&lessons.labels[number].id]) % num_folds;
    let read = |tagger: &Tagger, number: usize| {
        let label = lessons.labels[number].clone();
        let reading = tagger.read(&label.text, None);
        Compared { label, reading }
    };
    let (mut rules, mut both) = (Vec::new(), Vec::new());
    for held_out in 0..num_folds {
        let members = (0..lessons.labels.len()).filter(|&number| fold(number) == held_out);
        tagger = tagger.with_opinion(None);
        rules.extend(members.clone().map(|number| read(&tagger, number)));
        let [kinds, parts, glances, network] = lessons.tables(|number| fold(number) != held_out);
        let tables = Tables { kinds, parts, glances, network: Some(network) };
        tagger = tagger.with_opinion(Some(Opinion::new(tables)));
        both.extend(members.map(|number| read(&tagger, number)));
    }
    let head = ["compl. P", "R", "F1", "restored", "news", "down", "moves", "to", "false"];
    println!("{:6} {:>4} {:>6} {}", "", "", "posts", head.map(|name| format!("{name:>8}")).join(" "));
    for (name, compared) in [("rules", &rules), ("both", &both)] {
        for lang in ["ar", "en", "pt", "all"] {
            let group = compared.iter().filter(|one| lang == "all" || one.label.lang == lang);
            let scores = Evaluation::of(group);
            // Those before the last two, which are the shares of right kinds and languages.
            let values = scores.points.figures().into_iter().take(head.len());
            let shown = values.map(|value| value.map_or_else(|| format!("{:>8}", "-"), |value| format!("{value:8.3}")));
            println!("{name:6} {lang:>4} {:6} {}", scores.num_labels, shown.collect::<Vec<_>>().join(" "));
        }
    }
    Ok(())
}
