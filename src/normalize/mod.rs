//! `RawPost` -> `Post`: checks, folding, keys of authors and clusters. Pure.

pub mod date;
