//! Alerts as receivers get them: retries, hangs, restarts, signatures, and the whole way from a feed to a webhook.

mod commands;
mod delivery;
mod killed;
mod restart;
mod world;
