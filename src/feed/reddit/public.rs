//! Reddit's RSS: what everybody may read, once a minute.

use super::{PLATFORM, Place, Reddit, refused};
use crate::corpus::Reason;
use crate::feed::http::Url;
use crate::feed::place::gap;
use crate::feed::rss::document::Item;
use crate::feed::{Batch, FeedError, Secret, rss};
use crate::model::{GapCause, RawDate, RawPost};

/// Where and as whom to read.
pub(super) struct Public {
    site: Url,
    /// Token and name of an account; both stand in links, which are therefore never told.
    account: Option<(Secret, String)>,
}

impl Public {
    pub(super) fn new(site: Url, token: Option<Secret>, user: Option<String>) -> Result<Self, String> {
        match (token, user) {
            (Some(token), Some(user)) => Ok(Self { site, account: Some((token, user)) }),
            (None, None) => Ok(Self { site, account: None }),
            (Some(_), None) => Err("feed_user is missing beside feed_token".to_owned()),
            (None, Some(_)) => Err("feed_token is missing beside feed_user".to_owned()),
        }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.site.clone();
        url.set_path(&format!("{path}/.rss"));
        url.query_pairs_mut().append_pair("limit", "100");
        if let Some((token, user)) = &self.account {
            url.query_pairs_mut().append_pair("feed", token.reveal()).append_pair("user", user);
        }
        url
    }
}

impl Reddit {
    /// One request in a look: posts and comments take turns.
    pub(super) async fn ask_rss(&self, public: &Public, place: &mut Place, batch: &mut Batch) -> Result<(), FeedError> {
        let kind = self.types[place.num_looks % self.types.len()];
        place.num_looks += 1;
        let answer = self.net.get(&public.url(&self.path(kind)), &[rss::ACCEPT]).await.map_err(refused)?;
        if answer.status == 404 {
            return Err(FeedError::Transient("there is no such subreddit (HTTP 404); check `subreddits`".to_owned()));
        }
        let document = rss::read(answer, false).await?;
        let recent = place.recent(kind);
        if !document.items.iter().any(|item| recent.knows(&item.id)) {
            let oldest = document.items.iter().filter_map(|item| item.at).min();
            batch.gaps.extend(gap(recent.newest(), oldest, GapCause::Overrun));
        }
        for item in document.items {
            let (key, post) = (item.id.clone(), post(item));
            let decoded = if post.text.is_empty() { Err((Reason::NoText, String::new())) } else { Ok(post) };
            recent.take(batch, PLATFORM, &key, decoded);
        }
        Ok(())
    }
}

fn post(item: Item) -> RawPost {
    let is_comment = item.id.starts_with("t1_");
    // Below a post stands "submitted by /u/name [link] [comments]"; above a comment, "/u/name on" and the thread's title.
    let text = item.text.rsplit_once("submitted by").map_or(item.text.as_str(), |(text, _)| text);
    let text = if is_comment { text.split_once('\n').map_or("", |(_, comment)| comment) } else { text };
    RawPost {
        created_at: item.at.map(|at| RawDate::Text(at.to_rfc3339())),
        author: item.author.map(|name| {
            let name = name.trim_end_matches('/');
            name.rsplit('/').next().unwrap_or(name).to_owned()
        }),
        text: text.trim().to_owned(),
        platform: Some(PLATFORM.to_owned()),
        url: item.link,
        id: item.id,
        ..RawPost::default()
    }
}
