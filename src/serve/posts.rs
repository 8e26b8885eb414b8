//! `GET /api/v1/posts`: posts by their words and readings, with what decided marked in their text.

use std::ops::Range;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::answer::{self, json};
use super::app::App;
use super::door::Scope;
use super::params::{Params, given, limit, moment, query, zone};
use super::problem::{Failures, Problem};
use crate::index::query::Query;
use crate::index::{Hit, KeptPost, Sort};
use crate::model::{Country, FeedId, Kind, PostId, ServiceId, TermId, Time};
use crate::report::text::safe_url;

/// Posts of an answer, where not said and at most.
pub(super) const LIMITS: (usize, usize) = (20, 200);
/// Best matches can be paged through so far; each page costs as much as all before it.
const DEEPEST: usize = 5_000;

/// Parameters of a search.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PostsParams {
    /// What to look for: words, "phrases", fields such as service:whatsapp kind:complaint lang:ar, joined by AND, OR, NOT.
    #[param(max_length = 2000, example = "down:whatsapp kind:complaint")]
    pub(super) q: Option<String>,
    /// First moment: RFC 3339, a date, or so long before the end of the index, such as 6h.
    #[param(example = "6h")]
    pub(super) from: Option<String>,
    /// First moment that does not count any more.
    pub(super) to: Option<String>,
    /// Zone of moments without one.
    #[param(example = "Asia/Baghdad")]
    pub(super) tz: Option<String>,
    /// newest, oldest or score (best match first).
    #[param(example = "newest")]
    pub(super) sort: Option<String>,
    /// Posts of one answer.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u32>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
}

/// A page of posts.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PostsPage {
    /// How many match in all.
    total: usize,
    /// This page of them.
    posts: Vec<PostRow>,
    /// Hand it over as `cursor` for the next page; `null` at the end.
    next: Option<String>,
}

/// A post. Its text is hostile.
#[derive(Debug, Serialize, JsonSchema)]
struct PostRow {
    /// Its id.
    id: PostId,
    /// Where it was written.
    platform: Option<String>,
    /// Which feed brought it.
    feed: FeedId,
    /// When it was written.
    at: Time,
    /// When it was seen.
    seen_at: Time,
    /// What it says; `null` where it was taken back.
    text: Option<String>,
    /// Where the words of the query stand, in UTF-16 units.
    marks: Vec<[usize; 2]>,
    /// Language code, or `und`.
    lang: String,
    /// What it does.
    kind: Kind,
    /// Services that are down, or back.
    down: Vec<ServiceId>,
    /// Services that it names.
    named: Vec<ServiceId>,
    /// Moves as [from, to]; from is `null` where it is not said.
    moves: Vec<(Option<ServiceId>, ServiceId)>,
    /// What decided.
    evidence: Vec<EvidenceRow>,
    /// Claimed country.
    country: Option<Country>,
    /// Link to the original.
    url: Option<String>,
    /// Whether it passes on another post unchanged.
    is_repost: bool,
    /// Whether it was taken back.
    is_deleted: bool,
    /// Key of the author, for the admin token only.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
}

/// A row of a lexicon that decided.
#[derive(Debug, Serialize, JsonSchema)]
struct EvidenceRow {
    /// Its id.
    term: TermId,
    /// Where it stands, in UTF-16 units.
    span: [usize; 2],
    /// What stands there.
    text: String,
}

/// Posts that match, page by page.
#[utoipa::path(get, path = "/api/v1/posts", tag = "posts", params(PostsParams),
    responses((status = 200, body = PostsPage), (status = 304, description = "Nothing changed."), Failures))]
pub(super) async fn posts(
    State(app): State<Arc<App>>,
    scope: Option<Extension<Scope>>,
    Params(params): Params<PostsParams>,
) -> Result<Response, Problem> {
    find(app, scope.map(|Extension(scope)| scope), &params, None).await
}

/// Finds what the parameters ask for within something else, if there is.
pub(super) async fn find(
    app: Arc<App>,
    scope: Option<Scope>,
    params: &PostsParams,
    within: Option<Query>,
) -> Result<Response, Problem> {
    let board = app.board();
    let (query, zone) = (query(&params.q)?, zone(&params.tz)?);
    let now = board.at.unwrap_or_else(chrono::Utc::now);
    let (from, to) = (moment("from", &params.from, zone, now)?, moment("to", &params.to, zone, now)?);
    let mut query = if from.is_some() || to.is_some() { query.and(Query::between(from, to)) } else { query };
    if let Some(within) = within {
        query = query.and(within);
    }
    let sort = match given(&params.sort) {
        None | Some("newest") => Sort::Newest,
        Some("oldest") => Sort::Oldest,
        Some("score") => Sort::Score,
        Some(_) => return Err(Problem::param("sort", "newest, oldest or score")),
    };
    let limit = limit(params.limit, LIMITS.0, LIMITS.1)?;
    let cursor = given(&params.cursor).map(|cursor| checked(cursor, sort)).transpose()?;
    let with_authors = scope == Some(Scope::Admin);
    let key = format!("posts {with_authors} {sort:?} {limit} {cursor:?} {query:?}");
    let worker = Arc::clone(&app);
    let work = move || {
        let found = worker.reader.search(&query, sort, limit, cursor.as_deref())?;
        let posts = found.hits.into_iter().map(|hit| row(hit, with_authors)).collect();
        json(&PostsPage { total: found.total, posts, next: found.next.filter(|next| checked(next, sort).is_ok()) })
    };
    Ok(answer::cached(app.cache.get(key, board.version, work).await?))
}

/// A cursor that is of a page of this order.
fn checked(cursor: &str, sort: Sort) -> Result<String, Problem> {
    let is_good = match sort {
        Sort::Score => cursor.parse::<usize>().is_ok_and(|offset| offset <= DEEPEST),
        Sort::Newest | Sort::Oldest => cursor.len() <= 60 && cursor.contains('.'),
    };
    let wrong =
        || Problem::param("cursor", "this is no page: hand over the next of an earlier answer to the same query");
    is_good.then(|| cursor.to_owned()).ok_or_else(wrong)
}

fn row(hit: Hit, with_authors: bool) -> PostRow {
    let Hit { post, marks, .. } = hit;
    let is_deleted = post.is_deleted();
    let lang = post.lang_code().to_owned();
    let KeptPost {
        id,
        platform,
        feed,
        at,
        seen_at,
        text,
        url,
        kind,
        down,
        named,
        moves,
        evidence,
        country,
        author,
        is_repost,
        ..
    } = post;
    let said = text.as_deref().unwrap_or_default();
    let evidence = evidence
        .into_iter()
        .filter_map(|(term, from, to)| {
            let bytes = from as usize..to as usize;
            Some(EvidenceRow { term, span: utf16(said, &bytes)?, text: said.get(bytes)?.to_owned() })
        })
        .collect();
    PostRow {
        marks: marks.iter().filter_map(|mark| utf16(said, mark)).collect(),
        evidence,
        id,
        platform,
        feed,
        at,
        seen_at,
        lang,
        kind,
        down,
        named,
        moves,
        country,
        url: url.as_deref().and_then(safe_url).map(ToOwned::to_owned),
        is_repost,
        is_deleted,
        author: author.filter(|_| with_authors).map(|author| format!("{:016x}", author.0)),
        text,
    }
}

/// Bytes of a text as UTF-16 units, in which browsers count.
fn utf16(text: &str, bytes: &Range<usize>) -> Option<[usize; 2]> {
    let from = text.get(..bytes.start)?.encode_utf16().count();
    Some([from, from + text.get(bytes.clone())?.encode_utf16().count()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_browsers_do() {
        let text = "😭 واتساب caiu";
        let caiu = text.find("caiu").unwrap();
        assert_eq!(utf16(text, &(caiu..caiu + 4)), Some([10, 14]));
        assert_eq!(utf16(text, &(0..4)), Some([0, 2]));
        assert_eq!(utf16(text, &(1..3)), None);
        assert_eq!(utf16(text, &(0..999)), None);
    }

    #[test]
    fn pages_that_would_cost_too_much_are_none() {
        assert!(checked("20", Sort::Score).is_ok());
        for (cursor, sort) in [("99999999999", Sort::Score), ("-1", Sort::Score), ("x", Sort::Newest)] {
            assert!(checked(cursor, sort).is_err(), "{cursor}");
        }
    }
}
