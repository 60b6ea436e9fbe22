//! The invariants of the core as a whole. The rules of each section of XEP-0045 are tested beside
//! them, one file for a section; what belongs to one feature alone is tested in its own file.

mod about;
mod belief;
mod cast;
mod conversation;
mod ledger;
mod lists;
mod play;
mod scene;

mod administering;
mod entering;
mod governing;
mod inviting;
mod moderating;
mod occupying;
mod owning;
mod refusing;
mod taking_back;
