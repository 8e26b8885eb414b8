//! The recent search: everything since the last post, page by page from the newest back, resumable in between.

use chrono::Utc;

use super::{Envelope, Place, Walk, X, take};
use crate::feed::place::gap;
use crate::feed::{Batch, FeedError, Next};
use crate::model::GapCause;

/// Posts that a search gives at least, if there are so many.
pub(super) const LEAST_POSTS: u64 = 10;
/// Posts of a page, at most.
const MOST_POSTS: u64 = 100;

impl X {
    /// One page. A place between two pages is saved, so that a restart reads, and pays for, none of them twice.
    pub(super) async fn search(
        &mut self,
        is_first: bool,
        left: u64,
        place: &mut Place,
        batch: &mut Batch,
    ) -> Result<(), FeedError> {
        let now_secs = Utc::now().timestamp();
        let mut url = self.url("/2/tweets/search/recent");
        self.add_fields(&mut url);
        let most = left.min(MOST_POSTS).to_string();
        url.query_pairs_mut().append_pair("query", &self.settings.query).append_pair("max_results", &most);
        let since = place.since.clone();
        if let Some(since) = &since {
            url.query_pairs_mut().append_pair("since_id", since);
        }
        if let Some(walk) = &place.walk {
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
        take(&text, &envelope, place, batch);
        let begun = place.walk.take();
        let begun_secs = begun.as_ref().map_or(now_secs, |walk| walk.begun_secs);
        let newest = begun.as_ref().map_or(meta.newest_id.clone(), |walk| walk.newest.clone());
        let is_repeated = begun.is_some() && begun.as_ref().map(|walk| &walk.next) == meta.next_token.as_ref();
        // The first look takes the newest page only: what is older belongs to the time before.
        match meta.next_token.clone().filter(|_| !is_first && !is_repeated) {
            Some(next) => {
                place.walk = Some(Walk { next, newest, begun_secs });
                batch.until = place.until();
                batch.next = Next::Now;
            }
            None => {
                place.since = newest.or(since);
                place.until_secs = begun_secs;
                batch.until = place.until();
            }
        }
        Ok(())
    }

    /// Refusals that only say that the place or the dialect is not the right one are mended, and asked again.
    fn refused(&mut self, error: FeedError, place: &mut Place, batch: &mut Batch) -> Result<(), FeedError> {
        let FeedError::Fatal(said) = &error else { return Err(error) };
        let is_about = |what: &str| said.starts_with("HTTP 400") && said.contains(what);
        if is_about(".fields") && !self.is_new_dialect {
            self.is_new_dialect = true;
        } else if is_about("next_token") && place.walk.is_some() {
            place.walk = None;
        } else if is_about("since_id") && place.since.is_some() {
            batch.gaps.extend(gap(place.until(), Some(Utc::now()), GapCause::CursorLost));
            (place.since, place.walk) = (None, None);
        } else {
            return Err(error.with_remedy("check token and query"));
        }
        batch.until = place.until();
        batch.next = Next::Now;
        Ok(())
    }
}
