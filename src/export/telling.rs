//! A story in the words of a language and the times of a zone: title, sentences, events in time order.

use chrono_tz::Tz;

use super::story::{Options, Quote, Story, Told};
use crate::model::{Incident, Migration, Phase, Time, TimeEstimate, Verdict};
use crate::report::locale::{Locale, Words, fill, local, service_name, zone_name};
use crate::report::text::{excerpt, one_line};
use crate::report::wording::ranked;

/// Longest quote, in characters.
const QUOTE_CHARS: usize = 500;
/// Languages and countries that are named before the rest.
const NUM_SHARES: usize = 6;

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventKind {
    /// An incident begins.
    Onset,
    /// It could first be told.
    Alarm,
    /// Most complaints.
    Peak,
    /// It ends.
    End,
    /// It goes on when the posts end.
    GoesOn,
    /// Nobody listened.
    Gap,
    /// Somebody said something.
    Quote,
}

impl EventKind {
    /// The name for programs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Onset => "onset",
            Self::Alarm => "alarm",
            Self::Peak => "peak",
            Self::End => "end",
            Self::GoesOn => "ongoing",
            Self::Gap => "gap",
            Self::Quote => "quote",
        }
    }

    /// The name for people.
    pub(super) fn word(self, words: &Words) -> &'static str {
        match self {
            Self::Onset => words.kind_onset,
            Self::Alarm => words.kind_alarm,
            Self::Peak => words.kind_peak,
            Self::End => words.kind_end,
            Self::GoesOn => words.kind_goes_on,
            Self::Gap => words.kind_gap,
            Self::Quote => words.kind_quote,
        }
    }
}

/// One moment of a timeline.
#[derive(Debug, Clone)]
pub(super) struct Event<'a> {
    /// What it is.
    pub(super) kind: EventKind,
    /// When.
    pub(super) at: Time,
    /// Where its 90 % interval begins; `None` where it is open, or is none.
    pub(super) low: Option<Time>,
    /// Where its 90 % interval ends, or where a gap does.
    pub(super) high: Option<Time>,
    /// The incident it belongs to.
    pub(super) told: Option<&'a Told>,
    /// What it is, in a few words.
    pub(super) headline: String,
    /// More about it; of a quote its text, which is hostile.
    pub(super) text: String,
    /// The quote.
    pub(super) quote: Option<&'a Quote>,
}

/// A story with the language and the zone in which it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling<'a> {
    /// What is told.
    pub(super) story: &'a Story,
    /// In which language.
    pub(super) locale: Locale,
    /// In which zone.
    pub(super) zone: Tz,
    /// Its words.
    pub(super) words: &'static Words,
}

impl<'a> Telling<'a> {
    /// As the options say.
    pub(super) fn new(story: &'a Story, options: &Options) -> Self {
        Self { story, locale: options.locale, zone: options.zone, words: options.locale.words() }
    }

    /// A service by name, apart from the direction of the text around it.
    pub(super) fn service(&self, id: &str) -> String {
        self.locale.isolated(&service_name(id, self.locale))
    }

    /// The services of the story, each once, by onset.
    pub(super) fn services(&self) -> Vec<&'a str> {
        let mut services: Vec<&str> = Vec::new();
        for told in &self.story.incidents {
            if !services.contains(&told.incident.service.as_str()) {
                services.push(told.incident.service.as_str());
            }
        }
        services
    }

    /// The title, without a word on whether it is simulated.
    pub(super) fn title(&self) -> String {
        let names: Vec<String> = self.services().iter().map(|id| self.service(id)).collect();
        if names.is_empty() {
            return self.words.title_none.to_owned();
        }
        fill(self.words.title, &[("services", &names.join(self.locale.comma()))])
    }

    /// Text with the word in front that says that posts are simulated, where they are: for formats in which rows travel
    /// without their head.
    pub(super) fn marked(&self, text: &str) -> String {
        if self.story.simulated { format!("[{}] {text}", self.words.simulated) } else { text.to_owned() }
    }

    /// A moment; the day is left out where it is that of `beside`.
    pub(super) fn moment(&self, time: Time, beside: Option<Time>) -> String {
        let day = |time| local(time, self.zone).date_naive();
        match beside {
            Some(beside) if day(beside) == day(time) => self.locale.clock(time, self.zone),
            _ => self.locale.moment(time, self.zone),
        }
    }

    /// The zone by name.
    pub(super) fn zone_name(&self) -> String {
        let at = self.story.incidents.first().map_or(self.story.retrieved_at, |told| told.incident.onset.at);
        self.locale.isolated(&zone_name(self.zone, at))
    }

    /// Where an estimate lies, in words.
    pub(super) fn interval(&self, estimate: &TimeEstimate) -> String {
        let high = self.moment(estimate.high, Some(estimate.at));
        match estimate.low {
            Some(low) => fill(self.words.between, &[("low", &self.moment(low, Some(estimate.at))), ("high", &high)]),
            None => fill(self.words.or_earlier, &[("high", &high)]),
        }
    }

    /// What an incident is, by name.
    pub(super) fn what(&self, incident: &Incident) -> String {
        let form = match incident.verdict {
            Verdict::Outage => self.words.what_outage,
            Verdict::Block => self.words.what_block,
            Verdict::Unclear => self.words.what_unclear,
        };
        fill(form, &[("service", &self.service(incident.service.as_str()))])
    }

    /// The verdict as a word of a table.
    pub(super) fn verdict(&self, incident: &Incident) -> &'static str {
        match incident.verdict {
            Verdict::Outage => self.words.outage,
            Verdict::Block => self.words.block,
            Verdict::Unclear => self.words.unclear,
        }
    }

    /// The state as a word of a table.
    pub(super) fn state(&self, told: &Told) -> &'static str {
        match told.incident.phase {
            _ if told.is_withdrawn => self.words.withdrawn,
            Phase::Ongoing => self.words.ongoing,
            Phase::Ended => self.words.ended,
        }
    }

    /// An incident in one sentence or two.
    pub(super) fn summary(&self, told: &Told) -> String {
        let (incident, words) = (&told.incident, self.words);
        let onset = incident.onset;
        let begun = self.moment(onset.low.map_or(onset.high, |_| onset.at), None);
        let count = self.by_authors(incident.num_complaints, incident.num_authors);
        let (what, interval) = (self.what(incident), self.interval(&onset));
        let mut values =
            vec![("what", what.as_str()), ("onset", &begun), ("onset_interval", &interval), ("count", &count)];
        let (end, end_interval);
        let text = match &incident.end {
            Some(estimate) => {
                end = self.moment(estimate.at, Some(onset.at));
                end_interval = self.interval(estimate);
                values.extend([("end", end.as_str()), ("end_interval", end_interval.as_str())]);
                fill(words.summary_ended, &values)
            }
            None => fill(words.summary_ongoing, &values),
        };
        if told.is_withdrawn { format!("{text} {}", words.withdrawn_note) } else { text }
    }

    fn by_authors(&self, complaints: u64, authors: u64) -> String {
        let (complaints, authors) =
            (self.words.complaints.of(complaints, self.locale), self.words.authors.of(authors, self.locale));
        fill(self.words.by_authors, &[("complaints", &complaints), ("authors", &authors)])
    }

    /// A move in one sentence.
    pub(super) fn move_sentence(&self, migration: &Migration) -> String {
        let percent = |share| self.locale.isolated(&self.locale.percent(share));
        let share = &migration.share;
        fill(
            self.words.move_sentence,
            &[
                ("share", &percent(share.mid)),
                ("low", &percent(share.low)),
                ("high", &percent(share.high)),
                ("service", &self.service(migration.to.as_str())),
                ("posts", &self.words.posts.of(migration.num_stated, self.locale)),
                ("authors", &self.words.authors.of(migration.num_authors, self.locale)),
            ],
        )
    }

    /// How long an incident lasted, by its best estimates.
    pub(super) fn lasted(&self, incident: &Incident) -> Option<String> {
        let mins = (incident.end?.at - incident.onset.at).num_minutes().max(0);
        let (hours, mins) = ((mins / 60).to_string(), (mins % 60).to_string());
        Some(fill(self.words.duration, &[("hours", &hours), ("mins", &mins)]))
    }

    /// Languages with their shares, largest first.
    pub(super) fn langs(&self, incident: &Incident) -> Vec<(String, f64)> {
        self.shares(&incident.langs, |code| self.words.lang(code).to_owned())
    }

    /// Countries with their shares, largest first.
    pub(super) fn countries(&self, incident: &Incident) -> Vec<(String, f64)> {
        self.shares(
            &incident.countries,
            |code| {
                if code == "??" { self.words.not_claimed.to_owned() } else { code.to_owned() }
            },
        )
    }

    fn shares(
        &self,
        shares: &std::collections::BTreeMap<String, f64>,
        name: impl Fn(&str) -> String,
    ) -> Vec<(String, f64)> {
        let ranked = ranked(shares);
        let (shown, rest) = ranked.split_at(ranked.len().min(NUM_SHARES));
        let mut named: Vec<(String, f64)> = shown.iter().map(|(code, share)| (name(code), *share)).collect();
        if !rest.is_empty() {
            named.push((self.words.others.to_owned(), rest.iter().map(|(_, share)| share).sum()));
        }
        named
    }

    /// Shares as `61% Portuguese, 30% English`.
    pub(super) fn listed(&self, shares: &[(String, f64)]) -> String {
        let part = |(name, share): &(String, f64)| {
            format!("{} {}", self.locale.isolated(&self.locale.percent(*share)), self.locale.isolated(name))
        };
        shares.iter().map(part).collect::<Vec<_>>().join(self.locale.comma())
    }

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

    /// A quote on one line, no longer than people read.
    pub(super) fn quote_text(&self, quote: &Quote) -> String {
        excerpt(&quote.text, QUOTE_CHARS)
    }

    /// Everything that happened, in time order.
    pub(super) fn events(&self) -> Vec<Event<'a>> {
        let mut events: Vec<Event<'a>> = Vec::new();
        for told in &self.story.incidents {
            events.extend(self.events_of(told));
        }
        let plain = |kind, at, high, headline: &str, text| Event {
            kind,
            at,
            low: None,
            high: Some(high),
            told: None,
            headline: headline.to_owned(),
            text,
            quote: None,
        };
        for gap in self.story.gaps_nearby() {
            let span = [("from", self.moment(gap.from, None)), ("to", self.moment(gap.to, Some(gap.from)))];
            let values = [("from", span[0].1.as_str()), ("to", span[1].1.as_str())];
            let text = fill(self.words.text_gap, &values);
            events.push(plain(EventKind::Gap, gap.from, gap.to, self.words.event_gap, text));
        }
        events.sort_by_key(|event| event.at);
        events
    }

    fn events_of(&self, told: &'a Told) -> Vec<Event<'a>> {
        let (words, incident) = (self.words, &told.incident);
        let service = self.service(incident.service.as_str());
        let named = |form: &str| fill(form, &[("service", &service)]);
        let event = |kind, at, form: &str, text| Event {
            kind,
            at,
            low: None,
            high: None,
            told: Some(told),
            headline: named(form),
            text,
            quote: None,
        };
        let begins = match incident.verdict {
            Verdict::Outage => words.begins_outage,
            Verdict::Block => words.begins_block,
            Verdict::Unclear => words.begins_unclear,
        };
        let onset = incident.onset;
        let text = fill(words.text_onset, &[("interval", &self.interval(&onset))]);
        let mut events = vec![
            // An onset before the posts is told at the latest moment it can have been.
            Event {
                low: onset.low,
                high: Some(onset.high),
                ..event(EventKind::Onset, onset.low.map_or(onset.high, |_| onset.at), begins, text)
            },
            event(EventKind::Alarm, incident.alarm_at, words.event_alarm, words.text_alarm.to_owned()),
            event(
                EventKind::Peak,
                incident.peak.at,
                words.event_peak,
                fill(words.text_peak, &[("rate", &self.locale.rate(incident.peak.per_min))]),
            ),
        ];
        events.extend(told.quotes.iter().map(|quote| Event {
            headline: words.quotes.to_owned(),
            quote: Some(quote),
            ..event(EventKind::Quote, quote.at, "", self.quote_text(quote))
        }));
        match &incident.end {
            Some(end) => {
                let text = fill(words.text_end, &[("interval", &self.interval(end))]);
                events.push(Event {
                    low: end.low,
                    high: Some(end.high),
                    ..event(EventKind::End, end.at, words.event_end, text)
                });
            }
            None if !told.is_withdrawn => {
                let at = self.story.coverage.to.map_or(incident.peak.at, |to| to.max(incident.peak.at));
                events.push(event(EventKind::GoesOn, at, words.event_goes_on, words.text_goes_on.to_owned()));
            }
            None => {}
        }
        events
    }
}

impl Telling<'_> {
    /// The figures of an incident, as pairs of name and value.
    pub(super) fn figures(&self, told: &Told) -> Vec<(&'static str, String)> {
        let (words, incident) = (self.words, &told.incident);
        let onset = incident.onset;
        let begun = match onset.low {
            Some(_) => format!("{} ({})", self.moment(onset.at, None), self.interval(&onset)),
            None => fill(words.or_earlier, &[("high", &self.moment(onset.high, None))]),
        };
        let mut rows = vec![
            (words.verdict, self.verdict(incident).to_owned()),
            (words.state, self.state(told).to_owned()),
            (words.kind_onset, begun),
            (words.kind_alarm, self.moment(incident.alarm_at, None)),
        ];
        if let Some(end) = &incident.end {
            rows.push((words.kind_end, format!("{} ({})", self.moment(end.at, None), self.interval(end))));
        }
        rows.extend(self.lasted(incident).map(|lasted| (words.lasted, lasted)));
        rows.extend([
            (words.num_complaints, self.locale.whole(incident.num_complaints)),
            (words.num_authors, self.locale.whole(incident.num_authors)),
            (words.peak_per_min, self.locale.rate(incident.peak.per_min)),
            (words.peak_time, self.moment(incident.peak.at, None)),
            (words.languages, self.listed(&self.langs(incident))),
            (words.countries, self.listed(&self.countries(incident))),
            (words.incident, self.locale.isolated(&one_line(&incident.id))),
            (words.revision, told.revision.to_string()),
        ]);
        rows
    }
}
