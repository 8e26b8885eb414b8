//! The recent search: everything since the last post, page by page from the newest back, resumable in between.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{Envelope, Place, Walk, X, no_cap, take};
use crate::feed::place::{gap, moment};
use crate::feed::{Batch, FeedError, Next};
use crate::model::GapCause;

/// Posts that a search gives at least, if there are so many.
pub(super) const LEAST_POSTS: u64 = 10;
/// Posts of a page, at most.
const MOST_POSTS: u64 = 100;
/// How far back the search reaches, a little less than the seven days that it promises.
const REACH: TimeDelta = TimeDelta::minutes(7 * 24 * 60 - 10);
/// How much is searched again by time: posts come into the search late, and it refuses to begin with the present.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// After a longer pause than this, what is caught up with has a cap.
const PAUSE: TimeDelta = TimeDelta::hours(1);
/// Longest token of a next page that is kept.
const MAX_TOKEN_BYTES: usize = 1_024;

impl X {
    /// One page; says whether that was the last one. A place between two pages is saved, so that a restart reads, and
    /// pays for, none of them twice.
    pub(super) async fn search(
        &mut self,
        is_first: bool,
        left: u64,
        place: &mut Place,
        batch: &mut Batch,
    ) -> Result<bool, FeedError> {
        let now = Utc::now();
        let mut url = self.url("/2/tweets/search/recent");
        self.add_fields(&mut url);
        let most = left.min(MOST_POSTS).to_string();
        url.query_pairs_mut().append_pair("query", &self.settings.query).append_pair("max_results", &most);
        let since = place.since.clone();
        let begun = place.walk.clone();
        let begun_at = begun.as_ref().and_then(|walk| DateTime::from_timestamp(walk.begun_secs, 0)).unwrap_or(now);
        match (&since, place.until()) {
            (Some(since), _) => _ = url.query_pairs_mut().append_pair("since_id", since),
            // Without a post to begin behind, what was bought up to here must not be bought again.
            (None, Some(until)) if !is_first => {
                let start = until.min(begun_at - OVERLAP).max(begun_at - REACH);
                let start = start.to_rfc3339_opts(SecondsFormat::Secs, true);
                url.query_pairs_mut().append_pair("start_time", &start);
            }
            (None, _) => {}
        }
        if let Some(walk) = &begun {
            url.query_pairs_mut().append_pair("next_token", &walk.next);
        }
        let answer = match self.net.get(&url, &[("authorization", &self.bearer)]).await {
            Ok(answer) if answer.status == 404 => {
                return Err(FeedError::Transient("no such interface (HTTP 404); check `api_url`".to_owned()));
            }
            Ok(answer) => answer,
            Err(error) => return self.refused(error, place, batch),
        };
        let text = answer.text();
        let envelope: Envelope<'_> = answer.json()?;
        let Some(meta) = &envelope.meta else {
            let title = envelope.errors.unwrap_or_default().into_iter().find_map(|problem| problem.title);
            let title =
                title.unwrap_or_default().chars().filter(|char| !char.is_control()).take(100).collect::<String>();
            return Err(FeedError::Transient(format!("the search gave no result: {title}")));
        };
        let next = meta.next_token.clone().filter(|token| token.len() <= MAX_TOKEN_BYTES);
        // A month's posts are not all for the days on which nobody listened.
        let is_pause = place.until().is_some_and(|until| now - until > PAUSE);
        let most_posts = if is_pause { (left / 2).max(LEAST_POSTS) } else { no_cap() };
        let num_before = batch.posts.len();
        let num_paid = take(&text, &envelope, place, batch);
        place.walk = None;
        let walk = Walk {
            newest: begun.as_ref().map_or(meta.newest_id.clone(), |walk| walk.newest.clone()),
            begun_secs: begun_at.timestamp(),
            num_posts: begun.as_ref().map_or(0, |walk| walk.num_posts) + num_paid,
            most_posts: begun.as_ref().map_or(most_posts, |walk| walk.most_posts),
            next: next.clone().unwrap_or_default(),
        };
        let is_repeated = begun.is_some_and(|before| Some(before.next) == next);
        // The first look takes the newest page only: what is older belongs to the time before.
        let is_more = meta.next_token.is_some() && !is_first && !is_repeated;
        if is_more && next.is_some() && walk.num_posts < walk.most_posts {
            place.walk = Some(walk);
            batch.until = place.until();
            batch.next = Next::Now;
            return Ok(false);
        }
        if is_more {
            let oldest = batch.posts[num_before..].iter().filter_map(|incoming| moment(&incoming.post)).min();
            batch.gaps.extend(gap(place.until(), oldest.or(Some(begun_at)), GapCause::Overrun));
            tracing::warn!(feed = %self.id, posts = walk.num_posts, "caught up with the newest posts only: the rest is a gap");
        }
        place.since = walk.newest.or(since);
        place.until_secs = walk.begun_secs;
        batch.until = place.until();
        Ok(true)
    }

    /// Refusals that only say that the place or the dialect is not the right one are mended, and asked again.
    fn refused(&mut self, error: FeedError, place: &mut Place, batch: &mut Batch) -> Result<bool, FeedError> {
        let FeedError::Fatal(said) = &error else { return Err(error) };
        let is_about = |what: &str| said.starts_with("HTTP 400") && said.contains(what);
        if is_about(".fields") && !self.is_new_dialect {
            self.is_new_dialect = true;
        } else if is_about("next_token") && place.walk.is_some() {
            place.walk = None;
        } else if is_about("since_id") && place.since.is_some() {
            // What the search still reaches is searched for by time.
            batch.gaps.extend(gap(place.until(), Some(Utc::now() - REACH), GapCause::CursorLost));
            (place.since, place.walk) = (None, None);
        } else {
            return Err(error.with_remedy("check token and query"));
        }
        batch.until = place.until();
        batch.next = Next::Now;
        Ok(false)
    }
}
