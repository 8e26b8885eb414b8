//! Features: short names for what can be seen in a post, each with its group, its value and the words it was seen in.

use std::ops::Range;

/// What a feature looks at. Each group has its own letter, with which its names begin, and its own weight: features of a
/// group share it out among them, so that long posts do not speak louder than short ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What the rules found.
    Rules,
    /// Single words.
    Word,
    /// Two words side by side.
    Pair,
    /// Two words with one between them.
    Skip,
    /// Three words side by side.
    Triple,
    /// First letters of words.
    Stem,
    /// Letters side by side inside words.
    Letters,
    /// Words at a distance from a service.
    Near,
    /// Words of a service's sentence, before or behind it.
    Side,
    /// Word classes.
    Class,
    /// Two word classes, one after the other.
    Chain,
    /// Two word classes in one sentence.
    Meet,
    /// Word classes of a service's sentence, before or behind it.
    Beside,
    /// Words and classes between two services.
    Between,
    /// Words and classes before and behind what says that something fails or works.
    Claim,
    /// Words of the sentence of a service, for the kind of a post.
    PostSide,
    /// Consonants of Arabic words, and of two side by side.
    Skeleton,
}

impl Group {
    const ALL: [Self; 17] = [
        Self::Rules,
        Self::Word,
        Self::Pair,
        Self::Skip,
        Self::Triple,
        Self::Stem,
        Self::Letters,
        Self::Near,
        Self::Side,
        Self::Class,
        Self::Chain,
        Self::Meet,
        Self::Beside,
        Self::Between,
        Self::Claim,
        Self::PostSide,
        Self::Skeleton,
    ];

    fn letter(self) -> char {
        match self {
            Self::Rules => 'r',
            Self::Word => 'w',
            Self::Pair => 'p',
            Self::Skip => 's',
            Self::Triple => 't',
            Self::Stem => 'b',
            Self::Letters => 'l',
            Self::Near => 'n',
            Self::Side => 'a',
            Self::Class => 'k',
            Self::Chain => 'c',
            Self::Meet => 'm',
            Self::Beside => 'd',
            Self::Between => 'e',
            Self::Claim => 'f',
            Self::PostSide => 'g',
            Self::Skeleton => 'o',
        }
    }

    /// Weight, found by cross-validation.
    fn weight(self) -> f32 {
        match self {
            Self::Letters => 5.0,
            Self::Rules => 4.0,
            Self::Word | Self::Pair | Self::Near | Self::Side | Self::Skeleton => 3.0,
            Self::Class | Self::Chain | Self::Meet | Self::Beside | Self::Between | Self::Claim | Self::PostSide => 3.0,
            Self::Stem => 2.0,
            Self::Skip | Self::Triple => 1.0,
        }
    }
}

/// One feature; a post has hundreds, so they are kept small.
#[derive(Debug, Clone)]
struct Item {
    name: Range<u32>,
    words: Range<u32>,
    group: Group,
}

/// The features of one post, or of one service in it.
#[derive(Debug, Clone, Default)]
pub struct Features {
    names: String,
    items: Vec<Item>,
    counts: [u16; Group::ALL.len()],
}

/// Features that the rules and the outline of a post give, for each word, and bytes of a name, roughly.
const OF_POST: usize = 64;
const OF_WORD: usize = 16;
const NAME_BYTES: usize = 8;

impl Features {
    /// None, with room for those of a post of so many words.
    pub(super) fn with_room(num_words: usize) -> Self {
        let num = OF_POST + OF_WORD * num_words;
        let (names, items) = (String::with_capacity(num * NAME_BYTES), Vec::with_capacity(num));
        Self { names, items, ..Self::default() }
    }

    /// Adds a feature whose name is the group's letter and the parts, seen in `words`.
    pub fn add(&mut self, group: Group, parts: &[&str], words: Range<usize>) {
        let from = self.names.len();
        self.names.push(group.letter());
        self.names.push(':');
        parts.iter().for_each(|part| self.names.push_str(part));
        let short = |range: Range<usize>| range.start as u32..range.end as u32;
        self.items.push(Item { name: short(from..self.names.len()), words: short(words), group });
        self.counts[group as usize] = self.counts[group as usize].saturating_add(1);
    }

    /// Adds a finding of the rules, which stands nowhere in particular.
    pub fn rule(&mut self, parts: &[&str]) {
        self.add(Group::Rules, parts, 0..0);
    }

    /// Name, value and words of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f32, Range<usize>)> {
        let values = self.values();
        let long = |range: &Range<u32>| range.start as usize..range.end as usize;
        self.items
            .iter()
            .map(move |item| (&self.names[long(&item.name)], values[item.group as usize], long(&item.words)))
    }

    fn values(&self) -> [f32; Group::ALL.len()] {
        let mut values = [0.0; Group::ALL.len()];
        for group in Group::ALL {
            values[group as usize] = group.weight() / f32::from(self.counts[group as usize].max(1)).sqrt();
        }
        values
    }
}
