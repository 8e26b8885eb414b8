//! The HTTP API against its real router, on a real port, over a real index.

mod admin;
mod answers;
mod caching;
mod command;
mod hostile;
mod live;
mod problems;
mod thresholds;
mod world;
