//! The ways in which people type: case, lost accents, stretched letters, slips, hashtags, emoji, links.

use super::dice::Dice;
use super::event::Says;
use super::phrases::Phrases;
use super::wording::Segment;
use crate::model::{Kind, Lang};

/// The post of a person. `about` is the name of the service that it is about.
pub(super) fn people(
    phrases: &Phrases,
    says: Says,
    mut segments: Vec<Segment>,
    about: Option<&str>,
    dice: &mut Dice,
) -> String {
    if dice.chance(0.07) {
        on_a_word(&mut segments, dice, stretch);
    }
    if dice.chance(0.02) {
        on_a_word(&mut segments, dice, slip);
    }
    if dice.chance(0.04) {
        tag_a_name(&mut segments);
    }
    let mut text: String = segments.into_iter().map(|segment| segment.text).collect();
    if phrases.lang == Lang::AR {
        text = arabic(&text, dice);
    } else {
        text = latin(&text, dice);
    }
    if dice.chance(0.25) {
        text.truncate(text.trim_end_matches('.').len());
    }
    if dice.chance(0.05) {
        text.push_str(if dice.chance(0.5) { "!!" } else { "!!!" });
    }
    let mood = match says.kind() {
        Kind::Restored => "restored",
        Kind::Complaint => "complaint",
        Kind::News | Kind::Other => "other",
    };
    if mood == "complaint"
        && dice.chance(0.08)
        && let (Some(tag), Some(about)) = (dice.pick(&phrases.hashtags), about)
    {
        let name: String = about.chars().filter(|c| c.is_alphanumeric()).collect();
        text = format!("{text} {}", tag.replace("{S}", &name));
    }
    if dice.chance(0.22)
        && let Some(emoji) = phrases.emoji.get(mood).and_then(|list| dice.pick(list))
    {
        text = format!("{text} {emoji}");
    }
    if dice.chance(0.03) {
        text = format!("@sim_user_{:05} {text}", dice.below(20_000));
    }
    text
}

/// The post of a newspaper: clean, often with its name and a link.
pub(super) fn press(phrases: &Phrases, segments: Vec<Segment>, dice: &mut Dice) -> String {
    let mut text: String = segments.into_iter().map(|segment| segment.text).collect();
    if dice.chance(0.3)
        && let Some(source) = dice.pick(&phrases.sources)
    {
        text = format!("{text} {source}");
    }
    if dice.chance(0.7) {
        text = format!("{text} https://example.org/{:05}", dice.below(100_000));
    }
    text
}

/// Changes one word of at least four letters that belongs to no name.
fn on_a_word(segments: &mut [Segment], dice: &mut Dice, change: fn(&str, &mut Dice) -> String) {
    let mut words = Vec::new();
    for (index, segment) in segments.iter().enumerate().filter(|(_, segment)| !segment.is_name) {
        let text = segment.text.as_str();
        let spans = text.split(|c: char| !c.is_alphabetic()).map(|word| {
            let from = word.as_ptr() as usize - text.as_ptr() as usize;
            (index, from, from + word.len(), word.chars().count())
        });
        words.extend(spans.filter(|(_, _, _, letters)| *letters >= 4));
    }
    if let Some(&(index, from, to, _)) = dice.pick(&words) {
        let text = &mut segments[index].text;
        let changed = change(&text[from..to], dice);
        text.replace_range(from..to, &changed);
    }
}

/// The last vowel three to six times.
fn stretch(word: &str, dice: &mut Dice) -> String {
    let is_vowel = |c: char| "aeiouáéíóúâêôãõAEIOUاوي".contains(c);
    let Some((at, vowel)) = word.char_indices().rev().find(|(_, c)| is_vowel(*c)) else { return word.to_owned() };
    let more = vowel.to_string().repeat(2 + dice.below(4));
    format!("{}{more}{}", &word[..at], &word[at..])
}

/// Two neighboring letters inside the word change places.
fn slip(word: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = 1 + dice.below(letters.len().saturating_sub(2));
    if at + 1 < letters.len() {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

/// `whatsapp` becomes `#whatsapp` where nothing is joined to it.
fn tag_a_name(segments: &mut [Segment]) {
    for index in 0..segments.len() {
        let free = index == 0 || segments[index - 1].text.is_empty() || segments[index - 1].text.ends_with(' ');
        if segments[index].is_name && free && !segments[index].text.contains([' ', '-', '#']) {
            segments[index].text.insert(0, '#');
            return;
        }
    }
}

fn latin(text: &str, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    if dice.chance(0.3) {
        text = text.chars().map(plain).collect();
    }
    if dice.chance(0.45) {
        text = text.to_lowercase();
    } else if dice.chance(0.05) {
        text = text.to_uppercase();
    }
    text
}

/// The letter without its accent.
fn plain(c: char) -> char {
    const FROM: &str = "áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ";
    const TO: &str = "aaaaeeiooouucAAAAEEIOOOUUC";
    FROM.chars().position(|from| from == c).and_then(|at| TO.chars().nth(at)).unwrap_or(c)
}

fn arabic(text: &str, dice: &mut Dice) -> String {
    let (loose_alef, loose_ha, loose_ya) = (dice.chance(0.5), dice.chance(0.3), dice.chance(0.15));
    let mut written: String = text
        .chars()
        .map(|c| match c {
            'أ' | 'إ' | 'آ' if loose_alef => 'ا',
            'ة' if loose_ha => 'ه',
            'ى' if loose_ya => 'ي',
            c => c,
        })
        .collect();
    if dice.chance(0.02) {
        written = tatweel(&written);
    }
    if dice.chance(0.15) {
        written = written.to_lowercase();
    }
    written
}

/// A stroke of three behind the first letter that joins to the next one.
fn tatweel(text: &str) -> String {
    let mut letters = text.chars().peekable();
    let mut written = String::with_capacity(text.len() + 6);
    let mut is_done = false;
    while let Some(c) = letters.next() {
        written.push(c);
        let joins = "بتثجحخسشصضطظعغفقكلمنهي".contains(c);
        let goes_on = letters.peek().is_some_and(|next| ('ء'..='ي').contains(next));
        if !is_done && joins && goes_on {
            written.push_str("ـــ");
            is_done = true;
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_and_stay_readable() {
        let mut dice = Dice::new(1, 1);
        assert!(stretch("caiu", &mut dice).starts_with("caiuu"));
        assert_eq!(stretch("brrr", &mut dice), "brrr");
        assert_eq!(slip("down", &mut dice).len(), 4);
        assert_eq!("não é só".chars().map(plain).collect::<String>(), "nao e so");
        assert_eq!(tatweel("معطل"), "مـــعطل");
        let mut segments =
            vec![Segment { text: "o ".to_owned(), is_name: false }, Segment { text: "zap".to_owned(), is_name: true }];
        tag_a_name(&mut segments);
        assert_eq!(segments[1].text, "#zap");
    }
}
