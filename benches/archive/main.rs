//! A large archive: what finding something in it takes while a busy room is served, and what writing to it costs.

#[path = "../load/address.rs"]
mod address;
mod chance;
mod database;
mod history;
mod names;
mod population;
mod words;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let mut messages = 10_000_000;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--messages" {
            messages = arguments.next().unwrap().parse()?;
        }
    }
    let directory = std::env::var("LYCEUM_BENCH_DATABASES").unwrap_or_else(|_| env!("CARGO_TARGET_TMPDIR").to_owned());
    database::find_or_make(Path::new(&directory), messages)?;
    Ok(())
}
