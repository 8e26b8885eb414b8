//! What `caiu evaluate --json` prints.

use serde_json::{Map, Value, json};

use super::Scored;
use crate::corpus::evaluation::{Comparison, FIGURES, Group, ReadRow};

/// The whole document.
pub(super) fn of(scored: &Scored) -> Value {
    let mut groups = Map::new();
    for (name, group, evaluation) in scored.evaluations() {
        let mut value = json!(evaluation);
        value["intervals"] = intervals(scored, group);
        groups.insert(name.to_owned(), value);
    }
    let mut document = json!({
        "lexicon": scored.lexicon,
        "by": scored.by,
        "resamples": scored.bootstrap.num_resamples,
        "seed": scored.bootstrap.seed,
        "groups": groups,
    });
    if let Some(against) = &scored.against {
        let compare = |group: &Group| Comparison::of(&scored.compared, &against.readings, group, &scored.bootstrap);
        let rows = |is_wanted: fn(bool, bool) -> bool| -> Vec<&str> {
            let pairs = scored.compared.iter().zip(&against.readings);
            let wanted = pairs.filter(|(one, before)| is_wanted(one.is_right(), one.label.is_met_by(before)));
            wanted.map(|(one, _)| one.label.id.as_str()).collect()
        };
        let groups: Map<String, Value> =
            scored.groups.iter().map(|(name, group)| (name.clone(), json!(compare(group)))).collect();
        document["against"] = json!({
            "lexicon": against.lexicon,
            "groups": groups,
            "won": rows(|is, was| is && !was),
            "lost": rows(|is, was| was && !is),
        });
    }
    document["rows"] = scored.compared.iter().map(|one| json!(ReadRow::of(one))).collect();
    document
}

fn intervals(scored: &Scored, group: &Group) -> Value {
    let intervals = scored.bootstrap.intervals(&group.points(&scored.compared));
    let named = FIGURES.iter().zip(intervals).map(|(figure, interval)| (figure.name.to_owned(), json!(interval)));
    named.collect::<Map<_, _>>().into()
}
