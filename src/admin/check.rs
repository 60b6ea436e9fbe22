//! What is wrong with the server's side of the link, told in a sentence each.
//!
//! [`check`] connects as the service would, looks, and disconnects. It must not be run
//! while the service is connected: an ejabberd would give it part of the service's
//! stanzas, and a Prosody set to `kick_old` would end the service's connection.

use crate::cause;
use crate::finding::Finding;
use crate::wire::link::connection::{NOT_ROUTED_ADVICE, STOLEN_ADVICE};
use crate::wire::link::link_error::LinkError;
use crate::wire::link::link_settings::LinkSettings;
use crate::wire::link::server_check::{Domain, Echoes, Observed, Probe, ServerAnswer};

/// What is to be checked.
#[derive(Debug, Clone)]
pub struct CheckSettings {
    /// The link as the service would make it.
    pub link: LinkSettings,
    /// The domains whose users the service is for.
    pub served: Vec<String>,
}

/// Looks at the server. It takes a second when all is well, and up to a minute when not.
pub async fn check(settings: &CheckSettings) -> Vec<Finding> {
    let link = &settings.link;
    let mut report = Report {
        findings: Vec::new(),
    };
    let mut probe = match Probe::connect(link).await {
        Ok(probe) => probe,
        Err(error) => {
            report.error(cause::told(&error));
            return report.findings;
        }
    };
    report.ok(format!("{} accepts us as {}", link.server, link.domain));
    match report.look(&mut probe, settings).await {
        Ok(software) => {
            report.observed(probe.observed(), software.as_ref(), &link.domain);
            report.replacement(probe, software.as_ref(), link).await;
        }
        Err(error) => report.error(format!("the check was cut short: {}", cause::told(&error))),
    }
    report.findings
}

/// Name and version of the server.
type Software = (String, String);

struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Asks everything that can be asked on one connection.
    async fn look(
        &mut self,
        probe: &mut Probe,
        settings: &CheckSettings,
    ) -> Result<Option<Software>, LinkError> {
        let domain = &settings.link.domain;
        let echoes = probe.echoes().await?;
        self.echoes(echoes);
        if echoes.returned < echoes.sent {
            // Any other answer may be missing for the same reason.
            return Ok(None);
        }
        let domains = probe.ask(&settings.served).await?;
        for served in &domains {
            self.served(served);
        }
        self.listed(&domains, domain);
        self.uptime(&domains);
        let software = domains.iter().find_map(|served| served.software.clone());
        if let Some(software) = &software {
            self.software(software, domain);
        }
        let intact = self
            .large(probe, settings.link.limits.stanza_size_max)
            .await;
        Ok(software.filter(|_| intact))
    }

    fn echoes(&mut self, echoes: Echoes) {
        let Echoes { sent, returned } = echoes;
        match returned {
            0 => self.error(NOT_ROUTED_ADVICE.to_owned()),
            _ if returned < sent => self.error(format!(
                "of {sent} messages to ourselves {returned} came back: {STOLEN_ADVICE}"
            )),
            _ => self.ok("messages to our own domain come back, all of them".to_owned()),
        }
    }

    fn served(&mut self, domain: &Domain) {
        let name = &domain.name;
        match &domain.info {
            ServerAnswer::Result => self.ok(format!("{name} answers us")),
            ServerAnswer::Error(condition) => self.warning(format!(
                "{name} answers us with {condition}: check `served`, and that the server \
                 serves the domain"
            )),
            ServerAnswer::Nothing => self.warning(format!(
                "{name} does not answer us: if the server is an ejabberd with mod_privilege, \
                 that module drops our requests (ejabberd issue 4472); grant us some permission \
                 on every virtual host, or unload it"
            )),
        }
    }

    /// Clients find the service through the list of their own domain. XEP-0030 §4.
    fn listed(&mut self, domains: &[Domain], domain: &str) {
        for Domain { name, items, .. } in domains {
            match items {
                Some(items) if items.contains(domain) => {
                    self.ok(format!("{name} lists {domain}, so that clients find it"));
                }
                Some(_) => self.warning(format!(
                    "{name} does not list {domain}, so that clients do not find it by \
                     themselves: add it to mod_disco's extra_domains (ejabberd) or to \
                     disco_items (Prosody) of {name}"
                )),
                None => {}
            }
        }
    }

    /// The service learns from the first of its domains that the server was restarted, and who was
    /// lost by that.
    fn uptime(&mut self, domains: &[Domain]) {
        let Some(Domain {
            name,
            info: ServerAnswer::Result,
            tells_uptime,
            ..
        }) = domains.first()
        else {
            return;
        };
        match tells_uptime {
            true => self.ok(format!(
                "{name} tells since when it runs, so that who was lost in a restart is missed"
            )),
            false => self.warning(format!(
                "{name} does not tell since when it runs (jabber:iq:last, XEP-0012), so that after \
                 a restart of the server people who have left stay inside until somebody speaks: \
                 enable `uptime` (Prosody) or mod_last (ejabberd) for {name}"
            )),
        }
    }

    fn software(&mut self, (name, version): &Software, domain: &str) {
        let said = format!("the server is {name} {version}");
        let said = said.trim_end();
        if is_prosody(name) {
            self.ok(format!(
                "{said}; if pages of history are slow, set \
                 `network_settings = {{ nagle = false }}` in its global section"
            ));
        } else if is_ejabberd(name) {
            self.ok(format!(
                "{said}; give {domain} a listener of its own, or set `global_routes: \
                 false` there; should it have `domain_balancing`, then only with `type: \
                 bare_destination` and a `component_number` that is the number of connections"
            ));
        } else {
            self.ok(said.to_owned());
        }
    }

    /// Sends what is as large as a stanza may be, and tells whether the connection
    /// survived it.
    async fn large(&mut self, probe: &mut Probe, size_max: usize) -> bool {
        let passed = probe.large(size_max.saturating_sub(HEADROOM)).await;
        let intact = passed.is_ok();
        match passed {
            Ok(Some(time)) if time.as_secs_f64() < SLOW_S => {
                self.ok("a message of the greatest size passes".to_owned());
            }
            Ok(time) => self.warning(format!(
                "a message of {size_max} bytes to ourselves {}: the server slows the link down; \
                 set `shaper: none` for the listener (ejabberd), or leave components out \
                 of mod_limits (Prosody)",
                time.map_or("did not come back in time".to_owned(), |time| format!(
                    "took {:.1} seconds",
                    time.as_secs_f64()
                )),
            )),
            Err(error) => self.warning(format!(
                "a message of {size_max} bytes ends the link ({error}): raise \
                 component_stanza_size_limit (Prosody) or the listener's max_stanza_size \
                 (ejabberd) to 524288, or lower our limit"
            )),
        }
        intact
    }

    fn observed(&mut self, observed: &Observed, software: Option<&Software>, domain: &str) {
        if observed.other_lyceum {
            self.error(STOLEN_ADVICE.to_owned());
        }
        if !observed.other_domains.is_empty() {
            let others = Vec::from_iter(observed.other_domains.iter().map(String::as_str));
            self.error(format!(
                "the server sends us stanzas for {}: give {domain} a listener of its own, or \
                 set `global_routes: false` on the listener (ejabberd)",
                others.join(", ")
            ));
        }
        let harmful = software.is_some_and(|(name, version)| {
            is_ejabberd(name) && version.starts_with(HARMFUL_PRIVILEGES)
        });
        if observed.privileges && harmful {
            self.warning(format!(
                "mod_privilege of ejabberd {HARMFUL_PRIVILEGES} drops what we send to hosts and \
                 bare addresses (ejabberd issues 4336, 4347): leave us out of its access rules, \
                 or use another version"
            ));
        }
    }

    /// Looks what happens to a second connection, where that does no harm.
    async fn replacement(
        &mut self,
        probe: Probe,
        software: Option<&Software>,
        link: &LinkSettings,
    ) {
        if !software.is_some_and(|(name, _)| is_prosody(name)) {
            probe.close().await;
            return;
        }
        match Probe::connect(link).await {
            Ok(second) => {
                if probe.wait_for_replacement().await {
                    self.ok("a new connection replaces an old one".to_owned());
                }
                second.close().await;
            }
            Err(LinkError::Conflict) => {
                self.warning(
                    "a new connection is refused while an old one lasts, so that after a failure \
                     of the network we may be kept out for a while: set component_conflict_resolve \
                     = \"kick_old\" for the component (Prosody)"
                        .to_owned(),
                );
                probe.close().await;
            }
            Err(_) => probe.close().await,
        }
    }

    fn ok(&mut self, text: String) {
        self.findings.push(Finding::ok(text));
    }

    fn warning(&mut self, text: String) {
        self.findings.push(Finding::warning(text));
    }

    fn error(&mut self, text: String) {
        self.findings.push(Finding::error(text));
    }
}

fn is_prosody(name: &str) -> bool {
    name.eq_ignore_ascii_case("prosody")
}

fn is_ejabberd(name: &str) -> bool {
    name.eq_ignore_ascii_case("ejabberd")
}

/// What the stanza around the text takes, and the server's own additions.
const HEADROOM: usize = 2048;

/// A message that goes through unhindered takes some milliseconds.
const SLOW_S: f64 = 1.5;

/// The version of ejabberd whose `mod_privilege` does more harm than good.
const HARMFUL_PRIVILEGES: &str = "24.12";

#[cfg(test)]
mod tests;
