//! A story in the words of a language and the times of a zone: names, moments, title and sentences. Events, figures and
//! where it comes from are told beside this.

use chrono_tz::Tz;

use super::story::{Options, Story, Told};
use crate::model::{Incident, Migration, Time, TimeEstimate, Verdict};
use crate::report::locale::{Locale, Words, fill, local, service_name, zone_name};

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
}
