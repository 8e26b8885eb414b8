//! What accented letters and endings say of a word's language in Latin letters.

use super::words::latin::LATIN;

const EN: usize = 0;
const PT: usize = 1;
const ES: usize = 2;
const FR: usize = 3;
const IT: usize = 4;
const CA: usize = 5;
const DE: usize = 6;
const TR: usize = 10;
const RO: usize = 11;
const PL: usize = 12;
const SV: usize = 13;

/// What one ending or pair of letters is worth beside a small word (1).
const ENDING: f64 = 0.4;

/// Adds what the accented letters of a word as it is written say: each letter once.
pub(super) fn weigh_letters(word: &str, scores: &mut [f64; LATIN.len()]) {
    for c in word.chars().filter(|c| !c.is_ascii()) {
        let told: &[(usize, f64)] = match c {
            'ã' | 'õ' | 'Ã' | 'Õ' => &[(PT, 1.5)],
            'ñ' | 'Ñ' => &[(ES, 2.0)],
            'ç' | 'Ç' => &[(PT, 0.5), (FR, 0.3), (CA, 0.2), (TR, 0.3)],
            'â' | 'ê' | 'Â' | 'Ê' => &[(PT, 0.4), (FR, 0.4)],
            'ô' | 'Ô' => &[(PT, 0.4), (FR, 0.3)],
            'á' | 'í' | 'ó' | 'ú' | 'Á' | 'Í' | 'Ó' | 'Ú' => &[(ES, 0.3), (PT, 0.3), (CA, 0.1)],
            'é' | 'É' => &[(FR, 0.4), (ES, 0.2), (PT, 0.3), (CA, 0.1)],
            'à' | 'À' => &[(FR, 0.3), (IT, 0.3), (CA, 0.3), (PT, 0.2)],
            'è' | 'È' => &[(FR, 0.7), (IT, 0.6), (CA, 0.5)],
            'ù' | 'Ù' => &[(FR, 0.5), (IT, 0.7)],
            'ò' | 'ì' | 'Ò' | 'Ì' => &[(IT, 1.0), (CA, 0.4)],
            'œ' | 'û' | 'î' | 'ë' | 'ï' | 'Œ' | 'Û' | 'Î' => &[(FR, 1.0)],
            '·' => &[(CA, 1.5)],
            'ß' => &[(DE, 1.5)],
            'ä' | 'ö' | 'Ä' | 'Ö' => &[(DE, 0.7), (SV, 0.6), (TR, 0.3)],
            'ü' | 'Ü' => &[(DE, 0.8), (TR, 0.7)],
            'å' | 'Å' => &[(SV, 1.5)],
            'ı' | 'ş' | 'ğ' | 'İ' | 'Ş' | 'Ğ' => &[(TR, 1.5)],
            'ă' | 'ț' | 'ș' | 'ţ' | 'Ă' => &[(RO, 1.5)],
            'ł' | 'ż' | 'ź' | 'ć' | 'ś' | 'ą' | 'ę' | 'ń' | 'Ł' | 'Ż' | 'Ś' => &[(PL, 1.5)],
            _ => &[],
        };
        for &(lang, weight) in told {
            scores[lang] += weight;
        }
    }
}

/// Adds what the ending and the pairs of letters of a folded word of four letters and more say. Of ours and their
/// nearest neighbors only: the others are left to trigrams.
pub(super) fn weigh_ending(word: &str, scores: &mut [f64; LATIN.len()]) {
    if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    let is = |endings: &[&str]| endings.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending));
    let mut add = |lang: usize| scores[lang] += ENDING;
    if is(&[
        "cao", "coes", "soes", "inho", "inha", "inhos", "inhas", "ei", "ndo", "agem", "ario", "vel", "eiro", "eira",
        "ou", "aram", "eram", "iram",
    ]) {
        add(PT);
    }
    if is(&["cion", "ciones", "sion", "iendo", "ando", "ieron", "aron", "ito", "itos", "uelo", "dad", "ble", "aje"]) {
        add(ES);
    }
    if is(&[
        "eux", "aux", "ait", "aient", "ique", "eur", "eurs", "euse", "oir", "ette", "age", "ement", "eau", "ez", "ois",
    ]) {
        add(FR);
    }
    if is(&["ing", "ght", "ness", "ally", "ed", "tion", "tions", "ck", "ful", "less", "ity", "ly", "ers", "th"]) {
        add(EN);
    }
    if is(&["zione", "zioni", "ato", "ata", "ati", "mente", "ggio", "tto", "tta", "lla", "llo"]) {
        add(IT);
    }
    let bytes = word.as_bytes();
    let has_pair = |pair: &[u8; 2]| bytes.windows(2).any(|window| window == pair);
    if has_pair(b"lh") || has_pair(b"nh") {
        add(PT);
    }
    if word.starts_with("ll") || has_pair(b"ue") && !has_pair(b"qu") && !has_pair(b"gu") {
        add(ES);
    }
    if has_pair(b"th") || has_pair(b"wh") || has_pair(b"sh") || has_pair(b"ee") || has_pair(b"oo") {
        add(EN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_lists() {
        let named = [
            (EN, "en"),
            (PT, "pt"),
            (ES, "es"),
            (FR, "fr"),
            (IT, "it"),
            (CA, "ca"),
            (DE, "de"),
            (TR, "tr"),
            (RO, "ro"),
            (PL, "pl"),
            (SV, "sv"),
        ];
        for (number, code) in named {
            assert_eq!(LATIN[number].0, code);
        }
    }
}
