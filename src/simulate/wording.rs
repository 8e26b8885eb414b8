//! From events to posts: a phrase, the names of the services in it, and the ways in which people type.

use super::dice::Dice;
use super::event::{Event, Says};
use super::noise;
use super::phrases::{Phrases, Piece, pieces};
use super::scenario::Scenario;
use super::{SimulatedPost, plan};
use crate::model::{Kind, Lang, RawDate, RawPost, ServiceId};

/// Where people go to complain; a phrase with `{V}` is not used about this service itself.
const VENUE: &str = "twitter";
/// Phrases tried before one that does not fit is taken after all.
const TRIES: usize = 20;
/// Shares of the posts that begin, and of the complaints that end, with words of their own: few
/// people write the same sentence, and a reader may take equal ones for copies.
const HEAD_SHARE: f64 = 0.25;
const TAIL_SHARE: f64 = 0.4;
/// Share of the copies that carry a small addition.
const CHANGED_COPY_SHARE: f64 = 0.3;

/// A stretch of a text; names are spared the noise that would make them unreadable.
pub(super) struct Segment {
    pub(super) text: String,
    pub(super) is_name: bool,
}

/// A text in segments, and the name of the service that it is about.
struct Filled {
    segments: Vec<Segment>,
    about: Option<String>,
}

/// The posts of the events, in their order.
pub(super) fn posts<'a>(
    scenario: &'a Scenario,
    seed: u64,
    phrases: &'a [Phrases],
    events: &'a [Event],
) -> impl Iterator<Item = SimulatedPost> + 'a {
    let mut dice = Dice::new(seed, plan::stream_number(plan::WORDING, 0));
    events.iter().enumerate().map(move |(number, event)| {
        let phrases = phrases.iter().find(|phrases| phrases.lang == event.lang);
        let text = match (phrases, event.copy_of) {
            (None, _) => String::new(),
            (Some(phrases), Some(copied)) => copy(phrases, event, copied, seed, &mut dice),
            (Some(phrases), None) => write(phrases, event, &mut dice),
        };
        let states_lang = dice.chance(scenario.lang_share);
        let states_country = dice.chance(scenario.country_share);
        let post = RawPost {
            id: format!("sim-{seed}-{:06}", number + 1),
            created_at: Some(RawDate::Text(event.at.format("%Y-%m-%dT%H:%M:%SZ").to_string())),
            author: Some(format!("sim_user_{:05}", event.author)),
            text,
            lang: states_lang.then(|| event.lang.to_string()),
            platform: Some("simulated".to_owned()),
            country: states_country.then(|| event.country.to_string()),
            ..RawPost::default()
        };
        SimulatedPost { post, truth: event.truth() }
    })
}

fn write(phrases: &Phrases, event: &Event, dice: &mut Dice) -> String {
    let Filled { mut segments, about } = fill(phrases, event, dice);
    if is_press(event.says) {
        noise::press(phrases, segments, dice)
    } else {
        surround(phrases, event, &mut segments, dice);
        noise::people(phrases, event.says, segments, about.as_deref(), dice)
    }
}

/// Words before and behind that change nothing in what the post says.
fn surround(phrases: &Phrases, event: &Event, segments: &mut Vec<Segment>, dice: &mut Dice) {
    if dice.chance(HEAD_SHARE)
        && let Some(head) = dice.pick(&phrases.heads(&event.country))
    {
        if let Some(first) = segments.first_mut().filter(|first| !first.is_name) {
            first.text =
                first.text.chars().take(1).flat_map(char::to_lowercase).chain(first.text.chars().skip(1)).collect();
        }
        segments.insert(0, Segment { text: (*head).to_owned(), is_name: false });
    }
    if event.kind() == Kind::Complaint
        && dice.chance(TAIL_SHARE)
        && let Some(tail) = dice.pick(&phrases.tails(&event.country))
    {
        let text = tail.replace("{N}", &(2 + dice.below(57)).to_string());
        let text = text.replace("{H}", &(1 + dice.below(12)).to_string());
        let is_closed = segments.last().is_some_and(|last| last.text.ends_with(['.', '?', '!', '؟']));
        let text = if is_closed { text.trim_start_matches([',', '،', '.']).to_owned() } else { text };
        segments.push(Segment { text, is_name: false });
    }
}

fn is_press(says: Says) -> bool {
    matches!(says, Says::News | Says::BlockNews | Says::Headline)
}

/// Draws a phrase that fits and puts names in its slots.
fn fill(phrases: &Phrases, event: &Event, dice: &mut Dice) -> Filled {
    let templates = phrases.templates(event.says, &event.country);
    let is_venue = event.service.as_ref().is_some_and(|service| service.as_str() == VENUE);
    let mut template = dice.pick(&templates).copied().unwrap_or_default();
    for _ in 0..TRIES {
        if !(is_venue && template.contains("V}")) {
            break;
        }
        template = dice.pick(&templates).copied().unwrap_or_default();
    }
    // Arabic in Latin letters calls a service by its Latin name.
    let is_arabizi = phrases.lang == Lang::AR && template.chars().all(|c| !('ء'..='ي').contains(&c));
    let (mut segments, mut about) = (Vec::new(), None);
    for piece in pieces(template) {
        let (form, who) = match piece {
            Piece::Text(text) => {
                segments.push(Segment { text: text.to_owned(), is_name: false });
                continue;
            }
            Piece::Slot(form, who) => (form, who),
        };
        let venue = ServiceId::new(VENUE);
        let service = match who {
            'T' => event.to.as_ref(),
            'U' => event.also.as_ref(),
            'V' => Some(&venue),
            _ => event.service.as_ref(),
        };
        let Some(service) = service else { continue };
        let before = phrases.form(form, service).to_owned();
        segments.push(Segment { text: before, is_name: false });
        let name = if is_arabizi {
            service.to_string()
        } else if is_press(event.says) {
            phrases.formal_name(service)
        } else {
            phrases.name(service, &event.country, dice)
        };
        if who == 'S' {
            about = Some(name.clone());
        }
        segments.push(Segment { text: name, is_name: true });
    }
    Filled { segments, about }
}

/// All copies of one number have the same words, and some a small addition.
fn copy(phrases: &Phrases, event: &Event, copied: u32, seed: u64, dice: &mut Dice) -> String {
    let mut same = Dice::new(seed, plan::stream_number(plan::COPIED_TEXT, copied as usize));
    let mut text: String = fill(phrases, event, &mut same).segments.into_iter().map(|segment| segment.text).collect();
    if dice.chance(CHANGED_COPY_SHARE) {
        let additions = [" 👇", " !!", " https://example.org/s", " 🙏🙏"];
        text.push_str(dice.pick(&additions).copied().unwrap_or_default());
    }
    text
}
