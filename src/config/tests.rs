//! What the configuration file means, and how everything wrong in it is told.

mod example;
mod meaning;
mod wrong;
