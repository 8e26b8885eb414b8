//! The HTTP API against its real router, on a real port, over a real index.

mod answers;
mod problems;
mod world;
