//! What an operator does to rooms and their archives, while the service runs and while it is
//! stopped.

mod backup;
mod both_ways;
mod forged;
mod interrupted;
pub mod lounge;
mod retention;
mod rooms;
mod told;
mod visitors;
