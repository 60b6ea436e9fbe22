//! From the configuration to what each part wants to know.

use std::sync::Arc;

use jid::BareJid;

use super::rate::limits::Rate;
use super::rate::quota::QuotaSettings;
use super::rate::rates::RateSettings;
use crate::config::{self, Pool};
use crate::directory::Rules;
use crate::store;
use crate::wire::content::searchable;
use crate::wire::disco::service::ServiceInformation;
use crate::wire::link::inbox::BacklogMax;
use crate::wire::link::link_settings::LinkSettings;
use crate::wire::xml::limits::StanzaLimits;
use crate::wire::xml::overspent::Overspent;

/// What the engine is to know of its pool.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The component's domain.
    pub service: BareJid,
    /// What the directory begins with; from then on it is to be asked.
    pub rules: Rules,
    /// How often one person may send what.
    pub rates: RateSettings,
    /// The number of people whose share all people of one domain that is not served have together;
    /// `None`: without limit.
    pub foreign_people_max: Option<u32>,
    /// How fast one room lets people in; `None`: without limit.
    pub entries: Option<Rate>,
    /// What a presence may show, in bytes.
    pub presence_size_max: usize,
    /// How much may be added to the archive in a day.
    pub quotas: QuotaSettings,
    /// Whether everything is logged that somebody may have to prove.
    pub compliance: bool,
    /// What the service tells of itself.
    pub information: ServiceInformation,
    /// Sessions that are verified are asked at this pace, in questions a second.
    pub verification_pace_per_s: u32,
}

/// Sessions that are verified are asked at this pace, in questions a second: a full pool's 30,000
/// within minutes, and nothing that a server would feel.
const VERIFICATION_PACE_PER_S: u32 = 100;

/// What the store is told.
pub fn store(pool: &Pool) -> store::DatabaseSettings {
    store::DatabaseSettings {
        path: pool.database.clone(),
        durability: match pool.durability {
            config::Durability::Full => store::Synchronous::Full,
            config::Durability::Relaxed => store::Synchronous::Normal,
        },
        searchable: searchable::text_of_archived,
    }
}

/// What the link is told.
pub fn link(pool: &Pool, overspent: Overspent) -> LinkSettings {
    LinkSettings {
        domain: pool.domain.as_str().to_owned(),
        server: pool.server.to_string(),
        secret: pool.secret.reveal().to_owned(),
        limits: StanzaLimits {
            depth_max: pool.limits.depth_max as usize,
            stanza_size_max: pool.limits.stanza_size_max as usize,
        },
        overspent,
    }
}

/// How much may wait for the service.
pub fn backlog(pool: &Pool) -> BacklogMax {
    BacklogMax {
        frames: pool.limits.backlog as usize,
        ..BacklogMax::default()
    }
}

/// What the engine is told.
pub fn engine(pool: &Pool) -> Settings {
    let service = BareJid::from(pool.domain.clone());
    let mut rules = pool.rules.clone();
    // It speaks for the operator at the command line, who has no address.
    Arc::make_mut(&mut rules.terms.operators).insert(service.clone());
    Settings {
        service,
        rules,
        compliance: pool.compliance,
        rates: RateSettings {
            messages: pool.limits.messages,
            presences: pool.limits.presences,
            iqs: pool.limits.iqs,
            bytes: pool.limits.bytes,
            invitations_per_hour: pool.limits.invitations_per_hour,
        },
        quotas: QuotaSettings {
            person_mib: pool.limits.archive_mib_per_user_per_day,
            room_mib: pool.limits.archive_mib_per_room_per_day,
        },
        foreign_people_max: pool.limits.foreign_people_max,
        // Whoever lifts the limit on presence means to lift what follows from it.
        entries: pool.limits.presences.and(pool.limits.entries),
        presence_size_max: pool.limits.presence_size_max as usize,
        information: ServiceInformation {
            name: pool.name.clone(),
            lang: pool.lang.clone(),
            contacts: pool
                .contact
                .fields()
                .map(|(field, addresses)| (field, addresses.to_vec()))
                .collect(),
            tells_version: true,
        },
        verification_pace_per_s: VERIFICATION_PACE_PER_S,
    }
}
