//! What happened, moment by moment: the events of a timeline in time order.

use super::story::{Quote, Told};
use super::telling::Telling;
use crate::model::{Time, Verdict};
use crate::report::locale::{Words, fill};
use crate::report::text::excerpt;

/// Longest quote, in characters.
const QUOTE_CHARS: usize = 500;

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

impl<'a> Telling<'a> {
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
