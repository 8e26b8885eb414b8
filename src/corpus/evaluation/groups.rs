//! Groups of labels: by language, by what makes a post easy or hard, by dialect, by service, by where it comes from.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;

use super::{Compared, Points};
use crate::model::ServiceId;

/// Name of the group of those whose label does not say.
const UNSAID: &str = "-";

/// What labels can be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Language of the label.
    Lang,
    /// What makes the post easy or hard, by the label.
    Why,
    /// Dialect, where the label says it.
    Dialect,
    /// Each service that label or reading speak of: a post can be in several of these groups.
    Service,
    /// `written`, or the set that a real post comes from.
    Source,
    /// File of labels.
    File,
}

impl By {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Lang, "lang"),
        (Self::Why, "why"),
        (Self::Dialect, "dialect"),
        (Self::Service, "service"),
        (Self::Source, "source"),
        (Self::File, "file"),
    ];

    /// The name as a person types it.
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl FromStr for By {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(|(_, name)| name).join(", ");
        let found = Self::ALL.into_iter().find(|(_, own)| *own == name);
        found.map(|(by, _)| by).ok_or_else(|| format!("labels have no group '{name}': use {}", known()))
    }
}

/// Rows that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Indexes of the compared labels, rising.
    pub members: Vec<usize>,
    /// The service that the group is about: then services and moves count only as far as they concern it.
    pub service: Option<ServiceId>,
}

impl Group {
    /// What each member adds to the figures.
    pub fn points(&self, compared: &[Compared]) -> Vec<Points> {
        let own = |one: &Compared| Points::of(&one.label, &one.reading, self.service.as_ref());
        self.members.iter().map(|&row| own(&compared[row])).collect()
    }
}

/// The groups of `by`, by name; of several every combination that occurs, named in their order. Without any: by
/// language, and within it written against real posts where the labels tell them apart.
pub fn groups(compared: &[Compared], by: &[By]) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut add = |name: String, row: usize, service: Option<ServiceId>| {
        let group = groups.entry(name).or_default();
        group.members.push(row);
        group.service = service;
    };
    for (row, one) in compared.iter().enumerate() {
        if by.is_empty() {
            let lang = &one.label.lang;
            add(lang.clone(), row, None);
            if let Some(origin) = &one.label.origin {
                let part = if origin == "written" { "written" } else { "real" };
                add(format!("{lang} {part}"), row, None);
            }
            continue;
        }
        let mut names = vec![(String::new(), None)];
        for by in by {
            let own = keys(one, *by);
            names = names
                .iter()
                .flat_map(|(name, service)| own.iter().map(move |key| (name, service, key)))
                .map(|(name, service, (key, own))| {
                    let name = if name.is_empty() { key.clone() } else { format!("{name} {key}") };
                    (name, service.clone().or_else(|| own.clone()))
                })
                .collect();
        }
        for (name, service) in names {
            add(name, row, service);
        }
    }
    groups
}

/// The groups of one kind that a row is in.
fn keys(one: &Compared, by: By) -> Vec<(String, Option<ServiceId>)> {
    let label = &one.label;
    let said = |value: Option<&str>| vec![(value.unwrap_or(UNSAID).to_owned(), None)];
    match by {
        By::Lang => said(Some(&label.lang)),
        By::Why => said(label.why.as_deref()),
        By::Dialect => said(label.dialect.as_deref()),
        By::Source => said(label.origin.as_deref()),
        By::File => said(label.file.as_deref()),
        By::Service => {
            let steps = label.moves.iter().chain(&one.reading.moves);
            let ends = steps.flat_map(|step| step.from.iter().chain(std::iter::once(&step.to)));
            let said = label.down.iter().chain(&one.reading.down).chain(&one.reading.named);
            let mut services: Vec<&ServiceId> = said.chain(ends).collect();
            services.sort_unstable();
            services.dedup();
            if services.is_empty() {
                return vec![(UNSAID.to_owned(), None)];
            }
            services.into_iter().map(|id| (id.to_string(), Some(id.clone()))).collect()
        }
    }
}
