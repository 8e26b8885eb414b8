//! Posts that have all of some terms, the terms laid out as bits where they are frequent: to look each post of one list up
//! in the next takes three times as long where most are found.

use tantivy::postings::BlockSegmentPostings;
use tantivy::query::{
    BooleanQuery, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, TermQuery, Weight,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

/// A term is frequent where at least one post of so many has it.
const ONE_OF: u32 = 16;

/// Posts that have all of some terms. Where it matters how well a post fits, the search engine finds them in its own way.
#[derive(Debug, Clone)]
pub(super) struct AllTerms(pub(super) Vec<Term>);

impl Query for AllTerms {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let one = |term: &Term| -> Box<dyn Query> { Box::new(TermQuery::new(term.clone(), IndexRecordOption::Basic)) };
        let plain = BooleanQuery::intersection(self.0.iter().map(one).collect()).weight(scoring)?;
        Ok(match scoring.is_scoring_enabled() {
            true => plain,
            false => Box::new(AllTermsWeight { terms: self.0.clone(), plain }),
        })
    }
}

struct AllTermsWeight {
    terms: Vec<Term>,
    /// What finds them where one of the terms is rare.
    plain: Box<dyn Weight>,
}

impl Weight for AllTermsWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut lists = Vec::with_capacity(self.terms.len());
        for term in &self.terms {
            let index = segment.inverted_index(term.field())?;
            let Some(info) = index.get_term_info(term)? else { return Ok(Box::new(EmptyScorer)) };
            if info.doc_freq < segment.max_doc() / ONE_OF {
                return self.plain.scorer(segment, boost);
            }
            lists.push(index.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)?);
        }
        let mut all = vec![u64::MAX; segment.max_doc() as usize / 64 + 1];
        for list in lists {
            all.iter_mut().zip(bits(list, segment.max_doc())).for_each(|(all, bits)| *all &= bits);
        }
        Ok(Box::new(ConstScorer::new(Bits::begun(all), boost)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.plain.explain(segment, doc)
    }
}

/// The posts of a list, one bit for each post of the segment.
fn bits(mut list: BlockSegmentPostings, max_doc: DocId) -> Vec<u64> {
    let mut words = vec![0_u64; max_doc as usize / 64 + 1];
    // Written once for each word: a word that was just written is slow to read.
    let (mut at, mut word) = (0, 0);
    while list.block_len() > 0 {
        for &doc in list.docs() {
            if doc as usize / 64 != at {
                words[at] = word;
                (at, word) = (doc as usize / 64, 0);
            }
            word |= 1 << (doc % 64);
        }
        list.advance();
    }
    words[at] = word;
    words
}

/// Walks over posts that are given as bits.
struct Bits {
    words: Vec<u64>,
    /// The post at which it stands.
    doc: DocId,
    /// The posts behind it in its word.
    rest: u64,
}

impl Bits {
    /// At the first post.
    fn begun(words: Vec<u64>) -> Self {
        let mut bits = Self { rest: words.first().copied().unwrap_or_default(), words, doc: 0 };
        bits.advance();
        bits
    }
}

impl DocSet for Bits {
    #[inline]
    fn advance(&mut self) -> DocId {
        let mut word = self.doc / 64;
        while self.rest == 0 {
            word += 1;
            let Some(bits) = self.words.get(word as usize) else {
                self.doc = TERMINATED;
                return TERMINATED;
            };
            self.rest = *bits;
        }
        self.doc = word * 64 + self.rest.trailing_zeros();
        self.rest &= self.rest - 1;
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target / 64 > self.doc / 64 {
            self.doc = target / 64 * 64;
            self.rest = self.words.get(target as usize / 64).copied().unwrap_or_default();
            self.advance();
        }
        while self.doc < target {
            self.advance();
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_walked_over_and_sought_in() {
        let docs = [0, 1, 63, 64, 200, 383];
        let mut words = vec![0_u64; 7];
        docs.iter().for_each(|doc| words[doc / 64] |= 1 << (doc % 64));
        let mut bits = Bits::begun(words.clone());
        let walked: Vec<usize> = std::iter::from_fn(|| {
            let doc = bits.doc();
            (doc != TERMINATED).then(|| {
                bits.advance();
                doc as usize
            })
        })
        .collect();
        assert_eq!(walked, docs);
        assert_eq!((bits.advance(), bits.seek(TERMINATED)), (TERMINATED, TERMINATED));
        for target in 0..450 {
            let found = docs.iter().find(|doc| **doc >= target).map_or(TERMINATED, |doc| *doc as DocId);
            assert_eq!(Bits::begun(words.clone()).seek(target as DocId), found, "{target}");
        }
        assert_eq!(Bits::begun(Vec::new()).doc(), TERMINATED);
    }
}
