//! Posts as many archives keep them: small words and signs cut out, so that what is left reads like a row of keywords.

/// Words that are cut out, by language.
const SMALL_WORDS: [(&str, &str); 3] = [
    (
        "en",
        "a an the i i'm i've i'll i'd im ive me my mine we we're our us you you're your he she it it's its his her him \
         they they're them their this that that's these those is are was were be been being am do does did have has had \
         having will would can could should to of in on at by for with from about into over as and or but so than then \
         there here just very too also when while where which who what how why if because all any both each some such \
         own",
    ),
    (
        "pt",
        "a o as os um uma de do da dos das em no na nos nas por pelo pela para pra pro com e ou que se eu tu ele ela \
         eles elas você vc vcs me te lhe meu minha seu sua este esta esse essa isso isto aqui ali lá foi era é ser são \
         estar está tá tem ter já só também como quando onde porque pq ao aos à às",
    ),
    (
        "ar",
        "في من على الى إلى عن مع ان أن إن هذا هذه هذي هاي دا ده دي ذلك الذي التي اللي الي هو هي هم انا أنا انت احنا نحن \
         كان كانت قد ثم او أو يا كل عشان علشان",
    ),
];

/// The text without small words and signs; accounts and hashtags stay.
pub(crate) fn cleaned(text: &str, lang: &str) -> String {
    let small = SMALL_WORDS.iter().find(|(known, _)| *known == lang).map_or("", |(_, words)| words);
    let lower = text.to_lowercase();
    let is_sign = |c: char| !c.is_alphanumeric() && !"#@".contains(c);
    let words = lower.split_whitespace().filter(|word| !small.split(' ').any(|known| known == *word));
    let kept = words.map(|word| word.trim_matches(is_sign)).filter(|word| !word.is_empty());
    kept.collect::<Vec<_>>().join(" ")
}
