//! Counts -> bursts -> incidents -> migrations. Pure and total.
