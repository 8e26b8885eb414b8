//! Where a story comes from: what the posts cover, which program made it of what, and how to cite it.

use super::telling::Telling;
use crate::report::locale::fill;
use crate::report::text::one_line;

impl Telling<'_> {
    /// What the posts cover, and how often nobody listened.
    pub(super) fn coverage(&self) -> String {
        let coverage = &self.story.coverage;
        let posts = self.words.posts.of(coverage.num_posts, self.locale);
        let span = match (coverage.from, coverage.to) {
            (Some(from), Some(to)) => fill(
                self.words.covered,
                &[("posts", &posts), ("from", &self.moment(from, None)), ("to", &self.moment(to, None))],
            ),
            _ => fill(self.words.covered_undated, &[("posts", &posts)]),
        };
        let gaps = match coverage.gaps.len() as u64 {
            0 => self.words.no_gap.to_owned(),
            num => fill(self.words.some_gaps, &[("gaps", &self.words.gaps.of(num, self.locale))]),
        };
        format!("{span}{}{gaps}", self.locale.comma())
    }

    /// Where it comes from, as pairs of name and value.
    pub(super) fn origin(&self) -> Vec<(&'static str, String)> {
        let (words, origin) = (self.words, &self.story.origin);
        let mut rows = vec![(words.coverage, self.coverage()), (words.source, self.made_by())];
        if let Some(seq) = origin.index_seq {
            rows.push((words.index_commit, seq.to_string()));
        }
        rows.extend(origin.inputs.iter().map(|input| {
            let hash =
                input.sha256.as_deref().map_or_else(String::new, |hash| format!(" (SHA-256 {})", one_line(hash)));
            (words.source, self.locale.isolated(&format!("{}{hash}", one_line(&input.name))))
        }));
        rows.push((words.query, self.locale.isolated(&one_line(&origin.query))));
        if let Some(settings) = &origin.settings {
            rows.push((words.settings, self.locale.isolated(&settings.to_string())));
        }
        rows
    }

    /// Program, version, lexicon, moment.
    pub(super) fn made_by(&self) -> String {
        self.about(self.words.made_by)
    }

    /// How to cite it.
    pub(super) fn citation(&self) -> String {
        let text = self.about(self.words.citation);
        if self.story.simulated { format!("{text} {}", self.words.simulated_note) } else { text }
    }

    fn about(&self, form: &str) -> String {
        let by = &self.story.generated_by;
        fill(
            form,
            &[
                ("program", &self.locale.isolated(&one_line(&by.name))),
                ("version", &one_line(&by.version)),
                ("lexicon", &self.locale.isolated(&one_line(&by.lexicon))),
                ("moment", &self.moment(self.story.retrieved_at, None)),
                ("title", &self.title()),
                ("coverage", &self.coverage()),
                ("zone", &self.zone_name()),
            ],
        )
    }
}
