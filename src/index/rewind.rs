//! Winding feeds back to a place before what was lost, so that they tell it again.

use chrono::DateTime;

use super::parts::{Minutes, Part};
use super::payload::Payload;
use crate::model::{Again, FeedGap, FeedId, FeedProgress, Gap, GapCause, Time};

/// A feed without a beginning that first told something so many commits ago may begin anew; an older one would lose more by
/// that than was lost.
const YOUNG_COMMITS: u64 = 600;

/// A feed that was wound back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewound {
    /// Which.
    pub feed: FeedId,
    /// Up to when it had told everything at the place to which it was wound back; `None` where it begins anew.
    pub to: Option<Time>,
}

/// What was wound back.
#[derive(Debug, Default)]
pub(super) struct Wound {
    /// Which feeds.
    pub(super) feeds: Vec<Rewound>,
    /// Number of the earliest commit to which any of them was.
    pub(super) to_commit: Option<u64>,
    /// Stretches that no feed tells again.
    pub(super) lost: Vec<Gap>,
}

/// Brings the progress of each feed, its numbers and the window over what was counted of it to where they were at the last of
/// `places` (oldest first) before the first commit that wrote a lost part. Where none reaches so far back, the first one
/// that lies among those commits brings back what came behind it. A feed that began with them begins anew, where it tells
/// everything then or has not told much. All that is not told again is a gap for good.
pub(super) fn wind_back(
    payload: &mut Payload,
    places: &[Payload],
    lost: &[Part],
    has_beginning: &dyn Fn(&FeedId) -> bool,
) -> Wound {
    let first = lost.iter().map(|part| part.first).min().unwrap_or_default();
    let last = lost.iter().map(|part| part.last).max().unwrap_or_default();
    let (mut wound, mut for_good) = (Wound::default(), Vec::new());
    let again = gaps(lost.iter().map(|part| &part.minutes));
    let feeds: Vec<FeedId> = payload.checkpoint.feeds.keys().cloned().collect();
    for feed in feeds {
        let has_it = |place: &&Payload| place.checkpoint.feeds.get(&feed).is_some_and(|then| then.cursor.is_some());
        let before = places.iter().rev().filter(|place| place.seq < first).find(has_it);
        let within = || places.iter().filter(|place| place.seq >= first && place.seq < last).find(has_it);
        let born = payload.born.get(&feed).copied().unwrap_or_default();
        let began_with_them = first > 0 && (first..=last).contains(&born);
        let is_young = payload.seq - born <= YOUNG_COMMITS;
        let nothing = Payload { seq: first.saturating_sub(1), ..Payload::first() };
        let anew = |may: bool| (began_with_them && may).then_some(&nothing);
        let place = before.or_else(|| anew(has_beginning(&feed))).or_else(within).or_else(|| anew(is_young));
        let is_told_again = |part: &&Part| place.is_some_and(|place| place.seq < part.first);
        let minutes = |part| if is_told_again(&part) { &part.carried } else { &part.minutes };
        let stays = gaps(lost.iter().map(minutes));
        if let Some(place) = place {
            wind_feed(payload, place, &feed, &again, &mut wound);
        }
        if let Some(progress) = payload.checkpoint.feeds.get_mut(&feed) {
            let of_damage = |gap: &Gap| FeedGap { gap: *gap, cause: GapCause::Damaged };
            progress.advance(None, None, None, &stays.iter().map(of_damage).collect::<Vec<_>>());
        }
        for_good.extend(stays);
    }
    wound.lost = joined(for_good.into_iter());
    wound
}

/// Winds one feed back to a place.
fn wind_feed(payload: &mut Payload, place: &Payload, feed: &FeedId, again: &[Gap], wound: &mut Wound) {
    let then = place.checkpoint.feeds.get(feed).cloned().unwrap_or_default();
    let Some(now) = payload.checkpoint.feeds.get_mut(feed) else { return };
    payload.open.retain(|count| count.feed != *feed);
    payload.open.extend(place.open.iter().filter(|count| count.feed == *feed).cloned());
    payload.recent.remove(feed);
    payload.recent.extend(place.recent.get_key_value(feed).map(|(feed, recent)| (feed.clone(), recent.clone())));
    payload.recount_after.insert(feed.clone(), place.seq);
    wound.to_commit = Some(wound.to_commit.map_or(place.seq, |seq| seq.min(place.seq)));
    // One that brought nothing since has nothing to tell again.
    if (&then.cursor, then.num_posts) != (&now.cursor, now.num_posts) {
        wound.feeds.push(Rewound { feed: feed.clone(), to: then.until });
        *now = at_place(then, now, again);
    }
}

/// The progress of a feed at an earlier place, with what it is to tell again up to where it is now.
fn at_place(then: FeedProgress, now: &FeedProgress, again: &[Gap]) -> FeedProgress {
    let told = now.until.max(now.again.as_ref().map(|again| again.until));
    let from = then.until.or(now.since);
    let since = from.zip(told).map(|(from, to)| Gap { from, to });
    let before = now.again.iter().flat_map(|again| &again.gaps);
    // Of the time before its first word it never told anything.
    let heard = |gap: Gap| Gap { from: now.since.map_or(gap.from, |since| gap.from.max(since)), ..gap };
    let gaps = joined(again.iter().chain(before).copied().chain(since).map(heard));
    // Gaps that it told of it tells again; those of earlier damage nobody does.
    let of_damage: Vec<FeedGap> = now.gaps.iter().filter(|gap| gap.cause == GapCause::Damaged).cloned().collect();
    let mut wound = FeedProgress { again: told.map(|until| Again { until, gaps }), ..then };
    wound.advance(None, None, None, &of_damage);
    wound
}

/// Stretches of minutes as gaps, in time order, apart from each other.
fn gaps<'m>(minutes: impl Iterator<Item = &'m Minutes>) -> Vec<Gap> {
    let time = |minute: i64| DateTime::from_timestamp(minute * 60, 0);
    joined(
        minutes.flat_map(Minutes::stretches).filter_map(|&(from, to)| Some(Gap { from: time(from)?, to: time(to)? })),
    )
}

fn joined(gaps: impl Iterator<Item = Gap>) -> Vec<Gap> {
    let gaps: Vec<FeedGap> = gaps.map(|gap| FeedGap { gap, cause: GapCause::Damaged }).collect();
    let mut all = FeedProgress::default();
    all.advance(None, None, None, &gaps);
    all.gaps.iter().map(|gap| gap.gap).collect()
}
