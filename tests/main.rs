//! All integration tests, in one binary: what a user of the program sees of it.

mod clients;
mod clock;
mod command_line;
mod crash;
mod moving;
mod operating;
mod restart;
mod scenarios;
mod servers;
mod support;
mod tidy;
mod transfer;
mod zero_loss;
