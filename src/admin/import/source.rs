//! Where the rooms of `lyceum import` come from, as it is typed.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use jid::BareJid;

use crate::admin::Failure;
use crate::command::RoomName;
use crate::config::Pool;
use crate::room::text::address;
use crate::transfer::lync::{Mapping, UnfitMapping, UnmappedGroups};
use crate::transfer::record::Record;
use crate::transfer::{RoomSelection, Source, SourceItem};

/// Where rooms come from, and how they are called here.
#[derive(Debug, Args)]
pub struct RoomSource {
    /// What wrote it
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    from: Format,
    /// The domain that the rooms have in the data of another server
    #[arg(long, value_name = "DOMAIN", required_if_eq_any = [
        ("from", "prosody"), ("from", "prosody-sql"), ("from", "ejabberd-sql"), ("from", "ejabberd-dump")
    ])]
    host: Option<String>,
    /// Only this room, by the name it has there; may be given several times
    #[arg(long = "room", value_name = "ROOM")]
    rooms: Vec<RoomName>,
    /// The name that the only room is to have here
    #[arg(long = "as", value_name = "ROOM", requires = "rooms")]
    rename: Option<RoomName>,
    #[command(flatten)]
    lync: LyncFlags,
    /// The file or, of a Prosody with files, the data directory; of an ejabberd there may be
    /// several dumps; of the original product the folder with what its queries gave
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
}

/// What wrote the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// JSON Lines, as `lyceum export` writes them
    Jsonl,
    /// Prosody with storage "internal": its data directory
    Prosody,
    /// Prosody with storage "sql" in SQLite: the database
    ProsodySql,
    /// ejabberd with SQLite: the database
    EjabberdSql,
    /// ejabberd with Mnesia: what `ejabberdctl dump` or `dump_table` wrote
    EjabberdDump,
    /// Persistent Chat of Lync Server 2013 or Skype for Business Server 2015: the folder with what
    /// the queries of docs/lync-export.sql gave
    Lync,
}

/// Who is who, of those who come over from the original product.
#[derive(Debug, Args)]
struct LyncFlags {
    /// With --from lync: the domain that people of a SIP domain have here; may be given several
    /// times
    #[arg(long = "map", value_name = "SIP-DOMAIN=XMPP-DOMAIN")]
    domains: Vec<String>,
    /// With --from lync: a TOML file that maps single people, domains and groups
    #[arg(long, value_name = "FILE")]
    map_file: Option<PathBuf>,
    /// With --from lync: what stands for groups that are not mapped
    #[arg(long, value_enum, default_value_t = GroupFate::Expand)]
    unmapped_groups: GroupFate,
    /// With --from lync: take "private" for closed and "scope" for secret, and not the other way
    /// round
    #[arg(long)]
    swap_closed_and_secret: bool,
    /// With --from lync: go on although somebody's access would be wider than before
    #[arg(long)]
    accept_wider_access: bool,
}

/// What stands for groups of the old directory that are not mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GroupFate {
    /// Those people of them whom the old server had met
    Expand,
    /// In categories their entries in the LDAP directory, ldap:DN
    Ldap,
}

impl RoomSource {
    /// Whether rooms may come although somebody's access would be wider than before.
    pub fn accepts_wider_access(&self) -> bool {
        self.lync.accept_wider_access
    }

    /// The name that the only room is to have here.
    pub fn rename(&self) -> Option<&RoomName> {
        self.rename.as_ref()
    }
}

impl LyncFlags {
    fn mapping(&self) -> Result<Mapping, Failure> {
        let unfit = |error: UnfitMapping| Failure::CommandLine(error.to_string());
        let mut mapping = Mapping::default();
        mapping.unmapped_groups = match self.unmapped_groups {
            GroupFate::Expand => UnmappedGroups::Expand,
            GroupFate::Ldap => UnmappedGroups::Ldap,
        };
        mapping.swaps_closed_and_secret = self.swap_closed_and_secret;
        for domain in &self.domains {
            mapping.add_domain(domain).map_err(unfit)?;
        }
        if let Some(file) = &self.map_file {
            mapping.add_file(file).map_err(unfit)?;
        }
        Ok(mapping)
    }

    /// Whether it says something at all.
    fn is_given(&self) -> bool {
        !self.domains.is_empty()
            || self.map_file.is_some()
            || self.unmapped_groups != GroupFate::Expand
            || self.swap_closed_and_secret
            || self.accept_wider_access
    }
}

/// Where the rooms of a command come from.
///
/// # Errors
/// - [`Failure::CommandLine`]: what is given makes no sense together.
pub(super) fn source(import: &RoomSource, pool: &Pool) -> Result<Source, Failure> {
    if import.from != Format::Lync && import.lync.is_given() {
        return Err(Failure::CommandLine(
            "--map, --map-file, --unmapped-groups, --swap-closed-and-secret and \
             --accept-wider-access go with --from lync"
                .to_owned(),
        ));
    }
    let host = || {
        let host = import.host.as_deref().unwrap_or_default();
        address::parse_bare(host).map_err(|error| {
            Failure::CommandLine(format!("{host:?} is no domain of rooms: {error}"))
        })
    };
    let one = || match &import.paths[..] {
        [path] => Ok(path.clone()),
        _ => Err(Failure::CommandLine(
            "one file or directory is imported at a time".to_owned(),
        )),
    };
    Ok(match import.from {
        Format::Jsonl => Source::JsonLines(one()?),
        Format::Prosody => Source::Prosody {
            data: one()?,
            host: host()?,
        },
        Format::ProsodySql => Source::ProsodySql {
            database: one()?,
            host: host()?,
        },
        Format::EjabberdSql => Source::EjabberdSql {
            database: one()?,
            host: host()?,
        },
        Format::EjabberdDump => Source::EjabberdDump {
            files: import.paths.clone(),
            host: host()?,
        },
        Format::Lync => Source::Lync {
            folder: one()?,
            domain: pool.domain.clone().into(),
            mapping: Box::new(import.lync.mapping()?),
        },
    })
}

/// The rooms that are meant; all of them move to the pool.
///
/// # Errors
/// - [`Failure::CommandLine`]: what is given makes no sense together.
/// - [`Failure::Other`]: the source can't be read.
pub(super) fn selection(
    import: &RoomSource,
    source: &Source,
    pool: &Pool,
) -> Result<RoomSelection, Failure> {
    let domain = match source {
        Source::JsonLines(_) => domain_of(source)?,
        Source::Prosody { host, .. }
        | Source::ProsodySql { host, .. }
        | Source::EjabberdSql { host, .. }
        | Source::EjabberdDump { host, .. }
        | Source::Lync { domain: host, .. } => host.clone(),
    };
    let rooms = import.rooms.iter().map(|room| room.at(&domain));
    let rooms = (!import.rooms.is_empty()).then(|| rooms.collect());
    let address = match (&import.rename, import.rooms.len()) {
        (None, _) => None,
        (Some(rename), 1) => Some(rename.at(&pool.domain.clone().into())),
        (Some(_), _) => {
            return Err(Failure::CommandLine(
                "--as gives a name to a single --room".to_owned(),
            ));
        }
    };
    Ok(RoomSelection {
        rooms,
        domain: Some(pool.domain.clone().into()),
        address,
    })
}

/// The domain of the rooms in an export.
fn domain_of(source: &Source) -> Result<BareJid, Failure> {
    let mut items = source
        .records(&RoomSelection::default())
        .map_err(anyhow::Error::new)?;
    match items.next() {
        Some(Ok(SourceItem::Record(Record::Header(header)))) => Ok(header.domain),
        Some(Err(error)) => Err(anyhow::Error::new(error).into()),
        Some(Ok(_)) | None => Err(anyhow!("there is nothing to import").into()),
    }
}
