//! `lyceum check`: everything that can be found wrong without running the service.
//!
//! The configuration comes first, for without it there is nothing else to look at; then, for each
//! pool, its database and the server's side. All findings are printed to standard output, one line
//! each.

use std::io;
use std::net::TcpListener;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use tokio::runtime::{self, Runtime};

use super::check::{self, CheckSettings};
use super::groups_check;
use super::print;
use super::service_user::ServiceUser;
use super::text::Text;
use super::{ConfigFile, Failure};
use crate::config::{Config, Pool};
use crate::finding::{Finding, Severity};
use crate::service::{self, settings};
use crate::store;
use crate::wire::xml::overspent::Overspent;

/// A finding as it is printed.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct FindingLine {
    severity: Severity,
    about: About,
    /// The domain of the pool; `None` if it is about all of them.
    pool: Option<String>,
    /// What is so, and if it is bad, how to mend it.
    text: String,
}

/// The part that a finding is about, in the order in which they are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum About {
    Configuration,
    Database,
    Groups,
    Server,
}

/// Looks, prints what it finds, and fails if something is wrong.
///
/// # Errors
/// - [`Failure::FoundInConfiguration`]: the configuration is wrong; nothing else was looked at.
/// - [`Failure::Found`]: something else is wrong.
/// - [`Failure::Other`]: it could not look, or not say what it saw.
pub(super) fn run(file: &ConfigFile, json: bool) -> Result<(), Failure> {
    let loaded = file
        .path()
        .and_then(|path| Config::load(&path).map(|config| (config, path)));
    let (lines, otherwise) = match loaded {
        Ok((config, path)) => (look_at(&config, &path)?, Failure::Found),
        Err(error) => (
            about_configuration(Severity::Error, error.lines()),
            Failure::FoundInConfiguration,
        ),
    };
    print::one(json, &lines, &as_text(&lines))?;
    match lines.iter().any(|line| line.severity == Severity::Error) {
        true => Err(otherwise),
        false => Ok(()),
    }
}

/// Looks at everything that a right configuration names.
fn look_at(config: &Config, path: &Path) -> anyhow::Result<Vec<FindingLine>> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the server can't be looked at")?;
    let mut lines = about_configuration(Severity::Warning, config.warnings.clone());
    if lines.is_empty() {
        let right = format!("{} is right", path.display());
        lines = about_configuration(Severity::Ok, vec![right]);
    }
    lines.extend(look_at_port(config));
    for pool in &config.pools {
        lines.extend(about_pool(
            pool,
            About::Configuration,
            look_as_service(pool, path),
        ));
        lines.extend(about_pool(pool, About::Database, look_at_database(pool)));
        let groups = groups_check::check(&runtime, pool);
        lines.extend(about_pool(pool, About::Groups, groups));
        let findings = match store::check::is_in_use(&pool.database) {
            false => look_at_server(&runtime, pool),
            true => vec![Finding::ok(LEFT_ALONE)],
        };
        lines.extend(about_pool(pool, About::Server, findings));
    }
    Ok(lines)
}

/// A second connection would end the service's, or get part of its stanzas.
const LEFT_ALONE: &str = "the service is running, so the server was left alone; stop the service \
                          and check again to look at the server too (if it is not running, check as its \
                          user or as root: nobody else can tell)";

/// Whether `[http]` can listen where it is to. While a service runs the port is its own.
fn look_at_port(config: &Config) -> Vec<FindingLine> {
    let runs = |pool: &Pool| store::check::is_in_use(&pool.database);
    let Some(address) = config.http.filter(|_| !config.pools.iter().any(runs)) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    if let Err(error) = TcpListener::bind(address) {
        let text = match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "[http]: another program listens on {address} already; end it, or give `listen` \
                 another port"
            ),
            _ => format!(
                "[http]: it is not possible to listen on {address} ({error}); change `listen`"
            ),
        };
        lines = about_configuration(Severity::Error, vec![text]);
    }
    let user = config.pools.iter().find_map(ServiceUser::of);
    if let Some(user) = user.filter(|user| !user.may_listen_on(address.port())) {
        let text = format!(
            "[http]: the service's user {} may listen on a port as low as {} only with \
             CAP_NET_BIND_SERVICE; give it that, or `listen` a higher port",
            user.name(),
            address.port()
        );
        lines.extend(about_configuration(Severity::Warning, vec![text]));
    }
    lines
}

/// What the service's user could not do that root can.
fn look_as_service(pool: &Pool, configuration: &Path) -> Vec<Finding> {
    let Some(user) = ServiceUser::of(pool) else {
        return Vec::new();
    };
    let obstacles = user.obstacles(configuration, pool);
    obstacles.into_iter().map(Finding::error).collect()
}

fn look_at_database(pool: &Pool) -> Vec<Finding> {
    let mut findings = store::check::check(&pool.database);
    findings.extend(look_at_the_clock(pool));
    findings
}

/// The clock decides what is removed because of its age. Of a database that can't be read enough
/// has been said.
fn look_at_the_clock(pool: &Pool) -> Vec<Finding> {
    let kept = store::calendar::times_kept(&pool.database).unwrap_or_default();
    let findings = service::time_findings(service::now().at, &kept);
    findings.into_iter().map(Finding::warning).collect()
}

fn look_at_server(runtime: &Runtime, pool: &Pool) -> Vec<Finding> {
    let settings = CheckSettings {
        link: settings::link(pool, Overspent::default()),
        served: pool
            .rules
            .terms
            .served
            .iter()
            .map(ToString::to_string)
            .collect(),
    };
    runtime.block_on(check::check(&settings))
}

fn about_configuration(severity: Severity, texts: Vec<String>) -> Vec<FindingLine> {
    let line = |text| FindingLine {
        severity,
        about: About::Configuration,
        pool: None,
        text,
    };
    texts.into_iter().map(line).collect()
}

fn about_pool(
    pool: &Pool,
    about: About,
    findings: Vec<Finding>,
) -> impl Iterator<Item = FindingLine> {
    let domain = pool.domain.to_string();
    findings.into_iter().map(move |finding| FindingLine {
        severity: finding.severity,
        about,
        pool: Some(domain.clone()),
        text: finding.text,
    })
}

/// The findings for a person.
fn as_text(lines: &[FindingLine]) -> Text {
    let line = |line: &FindingLine| {
        let severity: &str = line.severity.into();
        match &line.pool {
            Some(pool) => format!("{severity}: {pool}: {}", line.text),
            None => format!("{severity}: {}", line.text),
        }
    };
    Text::lines(lines.iter().map(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_for_a_person_and_one_object_for_a_program() {
        let mut lines = about_configuration(Severity::Ok, vec!["lyceum.toml is right".to_owned()]);
        lines.push(FindingLine {
            severity: Severity::Error,
            about: About::Server,
            pool: Some("rooms.example.org".to_owned()),
            text: "the port is closed".to_owned(),
        });
        assert_eq!(
            as_text(&lines).as_str(),
            "ok: lyceum.toml is right\nerror: rooms.example.org: the port is closed\n"
        );
        assert_eq!(
            serde_json::to_string(&lines).unwrap(),
            "[{\"severity\":\"ok\",\"about\":\"configuration\",\"pool\":null,\
             \"text\":\"lyceum.toml is right\"},\
             {\"severity\":\"error\",\"about\":\"server\",\"pool\":\"rooms.example.org\",\
             \"text\":\"the port is closed\"}]"
        );
    }
}
