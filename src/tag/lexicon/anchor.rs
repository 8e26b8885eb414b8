//! By what a pattern is looked for: the step that ordinary posts meet least often.
//!
//! A post meets few rare words, so the number of patterns that are tried on it hardly grows with the lexicon.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::pattern::{ANY, Atom, Node, WordSet};
use super::vocabulary::WordId;

/// What stands in every match of a pattern, and how far behind the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anchor {
    /// One of these.
    pub atoms: Box<[Atom]>,
    /// Fewest words of the match before it.
    pub least: u16,
    /// Most words of the match before it, each service counted as one word.
    pub most: u16,
    /// Services among them, which may have several words.
    pub num_slots: u16,
    /// Most words of the match before it or behind it, each service counted as [`SLOT_WORDS`] words.
    pub reach: u16,
}

/// Words that a name of a service rarely exceeds.
pub const SLOT_WORDS: u16 = 3;

/// A step that must be met.
struct Step {
    cost: u32,
    anchor: Anchor,
}

/// The anchor of a pattern, and the words of which one must stand in the match for the two steps beside it that have
/// fewest. `commonness` says how often a word is met, on the scale of [`commonness`].
pub(super) fn find(nodes: &[Node], commonness: impl Fn(WordId) -> u32) -> (Anchor, [WordSet; 2]) {
    let (mut least, mut most, mut num_slots) = (0, 0, 0);
    let mut steps: Vec<Step> = Vec::new();
    for node in nodes {
        match node {
            Node::Start | Node::End => {}
            Node::Gap(gap) => most += u16::from(*gap),
            Node::Either { alternatives, optional, .. } => {
                if !optional {
                    let mut step = step(alternatives, &commonness);
                    step.anchor.least += least;
                    step.anchor.most += most;
                    step.anchor.num_slots += num_slots;
                    steps.push(step);
                }
                let shortest = alternatives.iter().map(Vec::len).min().unwrap_or_default();
                let longest = alternatives.iter().map(Vec::len).max().unwrap_or_default();
                least += if *optional { 0 } else { shortest as u16 };
                most += longest as u16;
                num_slots += alternatives.iter().map(|atoms| count_slots(atoms)).max().unwrap_or_default();
            }
        }
    }
    // Of equals the last: people begin with "it is" and end with what they mean.
    steps.reverse();
    steps.sort_by_key(|step| step.cost);
    let mut steps = steps.into_iter().map(|step| step.anchor);
    let mut anchor = steps.next().unwrap_or_default();
    let behind = most - anchor.most + (num_slots - anchor.num_slots) * (SLOT_WORDS - 1);
    anchor.reach = behind.max(anchor.most + anchor.num_slots * (SLOT_WORDS - 1));
    let mut sets: Vec<WordSet> = steps.map(|step| words(&step.atoms)).collect();
    sets.sort_by_key(|words| words.num_bits());
    (anchor, [0, 1].map(|at| sets.get(at).copied().unwrap_or(WordSet::ALL)))
}

/// The rarest atom of each alternative, and the room before them.
fn step(alternatives: &[Vec<Atom>], commonness: impl Fn(WordId) -> u32) -> Step {
    let mut step = Step { cost: 0, anchor: Anchor { least: u16::MAX, ..Anchor::default() } };
    let mut atoms = Vec::with_capacity(alternatives.len());
    for sequence in alternatives {
        let cost = |atom: &Atom| match atom {
            Atom::Word(id) => commonness(*id),
            Atom::Prefix(stem) => 12 / (stem.chars().count().max(3) as u32 - 2),
            Atom::Number => 30,
            // Where rows with slots are tried, services are named.
            Atom::Service | Atom::To | Atom::From => 5_000,
        };
        let costs = sequence.iter().enumerate().map(|(at, atom)| (cost(atom), at));
        let Some((cost, at)) = costs.min() else { continue };
        step.cost += cost;
        step.anchor.least = step.anchor.least.min(at as u16);
        step.anchor.most = step.anchor.most.max(at as u16);
        step.anchor.num_slots = step.anchor.num_slots.max(count_slots(&sequence[..at]));
        atoms.push(sequence[at].clone());
    }
    step.anchor.atoms = atoms.into();
    step
}

fn count_slots(atoms: &[Atom]) -> u16 {
    atoms.iter().filter(|atom| matches!(atom, Atom::Service | Atom::To | Atom::From)).count() as u16
}

fn words(atoms: &[Atom]) -> WordSet {
    let id = |atom: &Atom| match atom {
        Atom::Word(id) => *id,
        _ => ANY,
    };
    WordSet::of(&atoms.iter().map(id).collect::<Vec<_>>())
}

/// How often a folded word is met in posts, roughly: from 1 for most to 50 for those of which every sentence has some.
/// A wrong figure costs time and nothing else.
pub(super) fn commonness(word: &str) -> u32 {
    if FREQUENT.contains(word) {
        return 50;
    }
    match word.chars().count() {
        0 | 1 => 20,
        2 => 8,
        3 => 3,
        _ => 1,
    }
}

static FREQUENT: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let words = "the is are was were be been this that these it its i im me my we us our you your he she they them what \
        why who how when where which not no dont cant isnt doesnt have has had do does did and or but if so to of in on \
        at by for from with about into as an a s t all any some just only now then there here again still today day \
        time new one two get got go going can could will would up out more very too good like know think see people \
        nao eu voce voces vc tu ele ela eles elas isso isto esse essa este esta estou estao meu minha pra pro pras um \
        uma com que porque pq mas ou muito muita tambem ainda agora aqui ta to tava ja mais quando alguem ninguem so \
        sem os as o e de do da dos das no na nos nas em por pelo pela foi vou vai tem ser ter era ao aos ate hoje \
        ontem dia gente bom boa mds hj tbm se me te la ai \
        في من علي عن الي ما لا لم لن ان انا انت هو هي هم هذا هذه ذلك كل مع او و يا لو اذا بس مو مش الله والله اللهم \
        اليوم يوم بعد قبل الان كان كانت قد هل كيف ليش شو وش ايش اللي الذي التي علي عليك لك لي له فيه به حتي بعض غير";
    words.split_whitespace().collect()
});

#[cfg(test)]
mod tests {
    use super::super::pattern::Pattern;
    use super::super::vocabulary::Vocabulary;

    /// The words of an anchor with the room before it: `least-most` and a `+` for each service in it.
    fn shown(text: &str) -> String {
        let mut vocabulary = Vocabulary::default();
        let anchor = Pattern::parse(text, &mut vocabulary).unwrap().anchor;
        let mut words: Vec<String> = Vec::new();
        for atom in &anchor.atoms {
            words.push(match atom {
                super::Atom::Word(id) => {
                    let written = text.split(|c: char| !c.is_alphanumeric());
                    written.filter(|word| vocabulary.get(word) == Some(*id)).take(1).collect()
                }
                super::Atom::Prefix(stem) => format!("{stem}*"),
                other => format!("{other:?}"),
            });
        }
        let slots = "+".repeat(anchor.num_slots.into());
        format!("{} {}-{}{slots}", words.join("|"), anchor.least, anchor.most)
    }

    #[test]
    fn the_rarest_step_is_the_anchor() {
        for (pattern, expected) in [
            ("it is down", "down 2-2"),
            ("down", "down 0-0"),
            ("$S ..3 (keeps crashing|does not open)", "keeps|open 1-6+"),
            ("(my|the) app? ..2 trav* again", "trav* 1-4"),
            ("$S is $S", "is 1-1+"),
            ("< the (big $S) outage >", "outage 3-3+"),
            ("$N hours?", "Number 0-0"),
        ] {
            assert_eq!(shown(pattern), expected, "{pattern}");
        }
    }
}
