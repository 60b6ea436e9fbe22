//! All integration tests, in one binary: what a user of the program sees of it.

mod clients;
mod clock;
mod command_line;
mod containers;
mod crash;
mod groups;
mod installing;
mod moving;
mod operating;
mod permissions;
mod readme;
mod restart;
mod scenarios;
mod servers;
mod supervised;
mod support;
mod tidy;
mod transfer;
mod trying;
mod zero_loss;
