//! `Post` -> `TaggedPost`: language, lexicon, matcher, rules. Pure.
