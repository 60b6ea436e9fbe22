//! The invariants of the core as a whole; the rules of each feature are tested by the scenarios.
