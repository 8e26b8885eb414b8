//! The opinion on one post, told in words.

use std::fmt::{Result, Write};

use super::Opinion;
use super::asked::candidates;
use super::weigh::{Weighed, best_of};
use crate::model::Kind;
use crate::tag::Inside;

/// How many reasons are told.
const NUM_REASONS: usize = 6;

impl Opinion {
    /// Tells how likely it holds each kind, which features weigh most, and what came of it.
    pub(in crate::tag) fn tell(&self, inside: &Inside<'_>, weighed: &Weighed, out: &mut String) -> Result {
        if !self.is_asked(inside) {
            return Ok(());
        }
        let models = self.models();
        let answer = models.answer(inside, None);
        let shares = answer.shares;
        let told: Vec<String> = Kind::ALL.iter().map(|&kind| format!("{kind} {:.2}", shares[kind as usize])).collect();
        writeln!(out, "opinion    {}", told.join(", "))?;
        let class = weighed.kind as usize;
        for (name, weight, _) in answer.linear.reasons(&answer.features, class, NUM_REASONS, |_, _| true) {
            writeln!(out, "           {weight:+.2} for {}: {name}", weighed.kind)?;
        }
        if let Some(window) = answer.window(class) {
            let words: Vec<&str> = window.map(|at| inside.text.words.text(at)).collect();
            writeln!(out, "           most for {} side by side: {}", weighed.kind, words.join(" "))?;
        }
        for service in candidates(inside) {
            let [down, to, from, nothing] = models.answer(inside, Some((service, weighed.kind))).shares;
            let id = &inside.attachment.lexicon.services[service].id;
            writeln!(out, "opinion    {id}: down {down:.2}, to {to:.2}, from {from:.2}, nothing {nothing:.2}")?;
        }
        let rules = inside.verdict.kind;
        write!(out, "weighed    rules say {rules}, ")?;
        let best = best_of(shares);
        match (rules, weighed.kind) {
            (rules, kind) if rules == kind && rules != Kind::Other => writeln!(out, "and the opinion agrees"),
            (Kind::Other, kind) => {
                let (found, least) = (shares[best as usize], self.limits.least(inside, best));
                let sure = if kind == Kind::Other { "not sure enough" } else { "sure enough" };
                writeln!(out, "the opinion is {sure} of {best}: {found:.2}, where {least:.2} is asked")
            }
            (_, kind) => writeln!(out, "the opinion is surer of {kind}: {:.2}", shares[kind as usize]),
        }
    }
}
