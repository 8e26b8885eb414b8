//! Tests of what a receiver is told: stories of one incident, minute by minute.

use super::*;
use crate::alert::board::Board;
use crate::alert::example::{self, at};
use crate::model::{Change, Entry};

fn policy() -> Policy {
    Policy {
        on: Event::ALL.into(),
        services: BTreeSet::new(),
        langs: BTreeSet::new(),
        min_authors: 0,
        quiet: None,
        revise_every: TimeDelta::minutes(10),
        flap_turns: 4,
        flap_within: TimeDelta::hours(2),
        max_age: Some(TimeDelta::hours(24)),
    }
}

/// Says of each minute of a story what the receiver hears, as `minute event`.
fn told(policy: &Policy, story: &[Entry], minutes: impl IntoIterator<Item = i64>) -> Vec<String> {
    let (board, mut passed) = (Board::new(&[]), None::<Passed>);
    let (mut told, mut next) = (Vec::new(), 0);
    for min in minutes {
        let begin = next;
        while story.get(next).is_some_and(|entry| entry.at <= at(min)) {
            next += 1;
        }
        board.take(&story[begin..next]);
        let Some(line) = board.read(|lines| lines.values().next().cloned()) else { continue };
        let (standing, told_at) = match policy.step(&line, passed.as_ref(), at(min)) {
            Step::Nothing | Step::Wait(_) => continue,
            Step::Pass(standing) => (standing, passed.and_then(|passed| passed.told_at)),
            Step::Tell(event, standing) => {
                told.push(format!("{min} {}", event.name()));
                (standing, Some(at(min)))
            }
        };
        passed = Some(Passed { seq: line.known.seq, standing, told_at });
    }
    told
}

fn story(changes: &[(i64, Change)]) -> Vec<Entry> {
    let entry = |(index, (min, change)): (usize, &(i64, Change))| example::entry(index as u64 + 1, *min, *change);
    changes.iter().enumerate().map(entry).collect()
}

#[test]
fn a_whole_story_and_what_is_chosen_of_it() {
    use Change::{Ended, Opened, Reopened, Revised, Withdrawn};
    let whole = story(&[(0, Opened), (2, Revised), (4, Revised), (30, Ended), (40, Reopened), (60, Withdrawn)]);
    let every = |policy: &Policy| told(policy, &whole, 0..100);
    // The revisions of the first minutes come as one, when ten minutes are over.
    assert_eq!(every(&policy()), ["0 opened", "10 revised", "30 ended", "40 reopened", "60 withdrawn"]);
    let only = |events: &[Event]| Policy { on: events.iter().copied().collect(), ..policy() };
    assert_eq!(every(&only(&[Event::Change(Opened)])), ["0 opened"]);
    assert_eq!(every(&only(&[Event::Change(Opened), Event::Change(Reopened)])), ["0 opened", "40 reopened"]);
    assert_eq!(every(&only(&[Event::Change(Ended)])), ["30 ended"]);
    assert_eq!(every(&only(&[Event::Change(Withdrawn)])), [""; 0], "nobody takes back what was not said");
    // A receiver that was away hears the latest state only.
    assert_eq!(told(&policy(), &whole, [0, 50]), ["0 opened", "50 revised"]);
    assert_eq!(told(&policy(), &whole, [35]), ["35 ended"]);
    assert_eq!(told(&only(&[Event::Change(Opened)]), &whole, [35]), ["35 opened"]);
    assert_eq!(told(&policy(), &whole, [90]), [""; 0]);
}

#[test]
fn services_languages_and_authors_are_chosen() {
    let mut story = story(&[(0, Change::Opened), (20, Change::Revised), (40, Change::Revised), (60, Change::Ended)]);
    for (entry, num_authors) in story.iter_mut().zip([5, 50, 60, 3]) {
        entry.incident.num_authors = num_authors;
    }
    let large = Policy { min_authors: 20, ..policy() };
    assert_eq!(told(&large, &story, 0..100), ["20 opened", "40 revised", "60 ended"], "told to its end");
    let service = |name: &str| Policy { services: [ServiceId::new(name)].into(), ..policy() };
    assert_eq!(told(&service("telegram"), &story, 0..100), [""; 0]);
    assert_eq!(told(&service("whatsapp"), &story, 0..100).len(), 4);
    let lang = |code: &str| Policy { langs: [code.to_owned()].into(), ..policy() };
    assert_eq!(told(&lang("ar"), &story, 0..100), [""; 0]);
    assert_eq!(told(&lang("pt"), &story, 0..100).len(), 4);
}

#[test]
fn flapping_is_told_once_and_then_how_it_stands() {
    use Change::{Ended, Opened, Reopened};
    let mut changes = vec![(0, Opened)];
    changes.extend((0..5).flat_map(|round| [(20 + 20 * round, Ended), (30 + 20 * round, Reopened)]));
    let expected = ["0 opened", "20 ended", "30 reopened", "40 ended", "50 flapping", "230 reopened"];
    assert_eq!(told(&policy(), &story(&changes), 0..600), expected, "steady two hours after the last turn");
    changes.push((115, Ended));
    let last = told(&policy(), &story(&changes), 0..600).pop().unwrap();
    assert_eq!(last, "235 ended");
    let every =
        Policy { on: [Event::Change(Opened), Event::Change(Ended), Event::Change(Reopened)].into(), ..policy() };
    assert_eq!(told(&every, &story(&changes), 0..600).len(), changes.len(), "who does not want it hears every turn");
}

#[test]
fn what_was_over_long_ago_is_passed_over() {
    let old = story(&[(0, Change::Opened), (30, Change::Ended)]);
    assert_eq!(told(&policy(), &old, [48 * 60]), [""; 0]);
    assert_eq!(told(&Policy { max_age: None, ..policy() }, &old, [48 * 60]), ["2880 ended"]);
}

#[test]
fn quiet_hours_hold_back_or_drop() {
    use Change::{Ended, Opened, Reopened};
    // Minute 0 is noon: quiet from 12:10 to 13:00.
    let quiet = |more: &str| Policy {
        quiet: Some(toml::from_str(&format!("from = '12:10'\nto = '13:00'\n{more}")).unwrap()),
        revise_every: TimeDelta::zero(),
        ..policy()
    };
    let night = story(&[(15, Opened), (40, Ended), (90, Reopened)]);
    assert_eq!(told(&quiet(""), &night, 0..120), ["60 ended", "90 reopened"]);
    assert_eq!(told(&quiet("after = 'drop'"), &night, 0..120), ["90 reopened"]);
    assert_eq!(told(&quiet("except = ['whatsapp']"), &night, 0..120).len(), 3);
    assert_eq!(told(&quiet("except_authors = 40"), &night, 0..120).len(), 3);
    assert_eq!(told(&quiet("except_authors = 41"), &night, 0..120).len(), 2);
    let held = |min: i64| quiet("").held(&night[0].incident, at(min));
    assert_eq!((held(15).as_deref(), held(5)), (Some("12:10–13:00 UTC"), None));
}
