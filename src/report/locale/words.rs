//! What every language of an output must have a word for. `{name}` is a place that is filled.

use super::Plural;
use crate::report::text::lang_attribute;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The words of one language.
        #[derive(Debug, Clone, Copy)]
        pub struct Words {
            /// Months for running text, January first.
            pub months: [&'static str; 12],
            /// Months for axes and tables.
            pub months_short: [&'static str; 12],
            /// Languages by code.
            pub langs: [(&'static str, &'static str); 15],
            /// What the numbers cannot say.
            pub limits: [&'static str; 6],
            /// Counted complaints.
            pub complaints: Plural,
            /// Counted authors.
            pub authors: Plural,
            /// Counted posts.
            pub posts: Plural,
            /// Counted gaps.
            pub gaps: Plural,
            $($(#[$doc])* pub $name: &'static str,)*
        }

        impl Words {
            /// Every sentence by its name.
            #[cfg(test)]
            pub(super) fn forms(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

words! {
    /// A day with the short month.
    short_day,
    /// A day with the long month.
    long_day,
    /// A day and a time of day.
    moment,
    /// A length of time in hours and minutes.
    duration,

    // On charts.
    /// Mark: the onset.
    onset,
    /// Mark: it began before the posts do.
    began_by,
    /// Mark: the first alarm.
    alarm,
    /// Mark: the end.
    end,
    /// Mark: it goes on.
    goes_on,
    /// Mark: the highest rate.
    peak,
    /// What the chart of an incident shows.
    complaints_chart,
    /// What the chart of a query shows.
    query_chart,
    /// Unit of complaints, with the zone.
    complaints_per_min,
    /// Unit of posts, with the zone.
    posts_per_min,
    /// Unit of authors, with the zone.
    authors_per_min,
    /// Unit of clusters, with the zone.
    clusters_per_min,
    /// Legend: complaints.
    key_complaints,
    /// Legend: what was counted.
    key_counted,
    /// Legend: the baseline.
    key_expected,
    /// Legend: the onset's interval.
    key_onset,
    /// Legend: the end's interval.
    key_end,
    /// Legend: the first alarm.
    key_alarm,
    /// Legend: gaps.
    key_missing,
    /// Where the figures come from.
    credit,
    /// Mark on everything that rests on simulated posts.
    simulated,
    /// The same as a sentence.
    simulated_note,

    // In timelines.
    /// Title over the services.
    title,
    /// Title where nothing was found.
    title_none,
    /// What is said where nothing was found.
    nothing_found,
    /// Name of an outage.
    what_outage,
    /// Name of a block.
    what_block,
    /// Name of what is neither for certain.
    what_unclear,
    /// Event: an outage begins.
    begins_outage,
    /// Event: a block begins.
    begins_block,
    /// Event: trouble begins.
    begins_unclear,
    /// Event: the alarm.
    event_alarm,
    /// Event: the peak.
    event_peak,
    /// Event: the end.
    event_end,
    /// Event: it goes on when the posts end.
    event_goes_on,
    /// Event: a gap.
    event_gap,
    /// A moment lies between two others.
    between,
    /// A moment lies before another.
    or_earlier,
    /// About the onset.
    text_onset,
    /// About the alarm.
    text_alarm,
    /// About the peak.
    text_peak,
    /// About the end.
    text_end,
    /// About going on.
    text_goes_on,
    /// About a gap.
    text_gap,
    /// An incident that is over, in one sentence.
    summary_ended,
    /// An incident that goes on, in one sentence.
    summary_ongoing,
    /// How many by how many.
    by_authors,
    /// A move, in one sentence.
    move_sentence,
    /// No move was found.
    no_moves,
    /// It was taken back.
    withdrawn_note,

    // Names of things.
    /// A kind of event.
    kind_onset,
    /// A kind of event.
    kind_alarm,
    /// A kind of event.
    kind_peak,
    /// A kind of event.
    kind_end,
    /// A kind of event.
    kind_goes_on,
    /// A kind of event.
    kind_gap,
    /// A kind of event.
    kind_quote,
    /// A verdict.
    outage,
    /// A verdict.
    block,
    /// A verdict.
    unclear,
    /// A state.
    ongoing,
    /// A state.
    ended,
    /// A state.
    withdrawn,
    /// Heading and sheet.
    timeline,
    /// Heading and sheet.
    incidents,
    /// Sheet.
    series,
    /// Heading and sheet.
    moves,
    /// Heading and sheet.
    quotes,
    /// How quotes are chosen.
    quotes_note,
    /// Heading.
    languages,
    /// Heading.
    countries,
    /// Heading.
    coverage,
    /// Heading and sheet.
    source,
    /// Heading.
    cite,
    /// Heading.
    limits_title,
    /// Column.
    time,
    /// Column.
    zone,
    /// Column.
    time_utc,
    /// Column.
    event,
    /// Column.
    service,
    /// Column.
    verdict,
    /// Column.
    state,
    /// Column.
    headline,
    /// Column.
    text,
    /// Column.
    earliest,
    /// Column.
    latest,
    /// Column.
    language,
    /// Column.
    link,
    /// Column.
    incident,
    /// Column.
    revision,
    /// Column.
    lasted,
    /// Column.
    peak_per_min,
    /// Column.
    peak_time,
    /// Column.
    num_complaints,
    /// Column.
    num_authors,
    /// Column.
    observed,
    /// Column.
    expected,
    /// Column.
    from,
    /// Column.
    to,
    /// Column.
    share,
    /// Column.
    share_low,
    /// Column.
    share_high,
    /// Column.
    num_posts,
    /// Column.
    chance,
    /// Column.
    author,
    /// Link to a post.
    original,
    /// No country is claimed.
    not_claimed,
    /// The rest of a list.
    others,

    // Where it comes from.
    /// What the posts cover.
    covered,
    /// No post has a date.
    covered_undated,
    /// No gap is known.
    no_gap,
    /// Some gaps are known.
    some_gaps,
    /// Program, version, lexicon, moment.
    made_by,
    /// Number of the index's commit.
    index_commit,
    /// What was looked for.
    query,
    /// Settings of the detector.
    settings,
    /// How to cite.
    citation,
}

impl Words {
    /// A language by name; the code where we know no name, and not determined where it is no code.
    pub fn lang<'a>(&self, code: &'a str) -> &'a str {
        let code = lang_attribute(code);
        self.langs.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
    }
}
