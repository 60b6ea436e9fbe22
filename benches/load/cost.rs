//! From counters to figures.

use anyhow::Result;

use crate::component::Usage;
use crate::figures::Figure;
use crate::scenarios::Run;
use crate::talk::Talked;

/// CPU time of the component and of the generator for each of `count` things.
pub fn cpu(
    thing: &str,
    count: f64,
    before: &(Usage, Usage),
    after: &(Usage, Usage),
) -> Vec<Figure> {
    let (user, system) = after.0.cpu_us_since(&before.0);
    let (own_user, own_system) = after.1.cpu_us_since(&before.1);
    let cores = (user + system) / 1e6 / (after.0.at - before.0.at).as_secs_f64();
    vec![
        Figure::new(format!("CPU per {thing}, µs"), (user + system) / count),
        Figure::new(format!("  in the kernel per {thing}, µs"), system / count),
        Figure::new(
            format!("  generator's per {thing}, µs"),
            (own_user + own_system) / count,
        ),
        Figure::new(format!("  cores in use, {thing}"), cores),
    ]
}

/// How large the database is.
pub fn database(run: &Run<'_>) -> Result<Figure> {
    Ok(Figure::new(
        "database, MiB",
        mib(run.component.database_size()?),
    ))
}

/// Things in a second.
pub fn rate(count: u64, talked: &Talked) -> f64 {
    count as f64 / talked.took.as_secs_f64()
}

/// By how many bytes the memory of the component's own has grown.
pub fn grown(before: &Usage, after: &Usage) -> f64 {
    after.anonymous as f64 - before.anonymous as f64
}

pub fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}
