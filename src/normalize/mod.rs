//! `RawPost` -> `Post`: checks, folding, keys of authors and clusters. Pure.

pub mod cluster;
pub mod date;
pub mod fold;
pub mod words;

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::model::{AuthorKey, Country, Lang, Post, PostFields, PostId, RawPost, Time};
use words::Words;

/// The secret that authors are hashed with: equal secrets give equal keys.
#[derive(Debug, Clone, Copy)]
pub struct AuthorSecret([u64; 2]);

impl AuthorSecret {
    /// From any text; the empty text is the public default, which hides names and resists nobody
    /// who tries a list of names.
    pub fn new(secret: &str) -> Self {
        let half = |salt| {
            let mut hasher = SipHasher13::new_with_keys(salt, 0x63_6169_755f_6b65);
            hasher.write(secret.as_bytes());
            hasher.finish()
        };
        Self([half(1), half(2)])
    }

    /// What tells this secret from others and does not tell the secret: the key of an author that nobody can be.
    pub fn fingerprint(self) -> String {
        format!("{:016x}", self.key(Some("\u{1f}caiu"), "fingerprint").0)
    }

    /// The key of an author of a platform.
    pub fn key(self, platform: Option<&str>, author: &str) -> AuthorKey {
        let mut hasher = SipHasher13::new_with_keys(self.0[0], self.0[1]);
        hasher.write(platform.unwrap_or_default().as_bytes());
        hasher.write_u8(0);
        hasher.write(author.as_bytes());
        AuthorKey(hasher.finish())
    }
}

/// A checked post with its words, so that whoever reads it need not fold it again.
#[derive(Debug, Clone)]
pub struct Folded {
    post: Post,
    words: Words,
}

impl Folded {
    /// The post, and the words of its text.
    pub fn into_parts(self) -> (Post, Words) {
        (self.post, self.words)
    }
}

/// Checks a raw post and stamps it. `at` is its parsed date, if it has one.
pub fn normalize(raw: RawPost, at: Option<Time>, secret: AuthorSecret) -> Folded {
    let author = raw.author.as_deref().filter(|a| !a.is_empty()).map(|a| secret.key(raw.platform.as_deref(), a));
    let text = clean_text(raw.text);
    let is_repost = raw.repost_of.is_some() || text.starts_with("RT @");
    let words = Words::plain(&text);
    let cluster = cluster::cluster_key(&words, author, is_repost, &raw.id);
    let post = Post::stamp(PostFields {
        id: PostId::new(&raw.id),
        at,
        author,
        cluster,
        lang_hint: raw.lang.as_deref().and_then(Lang::parse),
        platform: raw.platform,
        url: raw.url.filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        country: raw.country.as_deref().and_then(country),
        is_repost,
        text,
    });
    Folded { post, words }
}

/// A country code of two letters, in capitals.
fn country(claimed: &str) -> Option<Country> {
    let code = claimed.trim().to_ascii_uppercase();
    (code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())).then(|| Country::new(code))
}

/// Control characters become spaces of the same length, so that places in the text stay (line ends
/// and tabs are kept): they move terminals and hide text.
fn clean_text(text: String) -> String {
    let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    // Those above ASCII all begin with the byte C2, which few texts have.
    let may_be_bad = |byte: &u8| matches!(byte, 0..=8 | 11..=31 | 0x7f | 0xc2);
    if !text.as_bytes().iter().any(may_be_bad) || !text.contains(is_bad) {
        return text;
    }
    let space = |c: char| if c.is_ascii() { ' ' } else { '\u{a0}' };
    text.chars().map(|c| if is_bad(c) { space(c) } else { c }).collect()
}
