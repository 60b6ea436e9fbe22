//! The one vocabulary: what people can have done, each command told once.
//!
//! A command is a struct: its fields are the arguments, and their comments the help. It says who
//! [may](Rank) run it, what is [asked](Command::rehearsal) before it destroys anything, how
//! its rows are [shown](Command::layout), and it [runs](Command::run). Where it is typed, and how
//! its answer is printed, is not its business: the command line (`admin`) reads it by [`Wish`]'s
//! own parser and prints any answer; a form in a client is made and read by [`form`] from the same
//! description.
//!
//! A command is carried out in the same way whether the service runs or not: by a thread of its
//! own, which reads on a connection of its own and so disturbs nobody, and which has an engine do
//! the [`Work`]. Long work is a row of pieces of a bounded size; each is committed before the next
//! is asked for, so that the service goes on in between. Where that thread and that engine come
//! from is told in [`service::operate`](crate::service::operate).
//!
//! To add a command: a struct and a row of the table in the file of its noun, such as [`room`]. A
//! new noun is a file and a row of the table below.

mod asker;
mod attachment;
mod error;
mod keep_limit;
mod moment;
mod pages;
mod person;
mod rank;
mod refused;
mod replies;
mod report;
mod room_name;
mod tools;
mod work;

pub mod access;
pub mod act;
pub mod addin;
pub mod category;
pub mod form;
pub mod import;
pub mod message;
pub mod people;
pub mod principal;
pub mod room;

use std::fmt;

pub use asker::Asker;
pub use attachment::{Attachment, AttachmentWriter, attachment};
pub use error::Error;
pub use moment::Moment;
pub use rank::Rank;
pub use replies::{Gathered, Gathering, Replies};
pub use report::{Column, Conclusion, Layout, Reply, ReportRow, counted};
pub use room_name::RoomName;
pub use tools::{Environment, Tools};
pub use work::{Job, TakeOut, Work};

use access::AccessCommandWish;
use addin::AddInWish;
use category::CategoryVerb;
use form::{CommandForm, Filled};
use import::ImportRooms;
use message::MessageWish;
use people::{ManagerWish, MemberWish, PresenterWish};
use principal::PrincipalWish;
use room::RoomWish;

/// Makes an enum of commands, a row each: the type that tells the command, or an enum of more of
/// them.
macro_rules! table {
    ($(#[$of_all:meta])* $name:ident { $($(#[$of_one:meta])* $variant:ident($told_by:ty),)+ }) => {
        $(#[$of_all])*
        #[derive(Clone, Debug, PartialEq, clap::Subcommand, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[allow(missing_docs, reason = "the type of each tells it")]
        pub enum $name {
            $($(#[$of_one])* $variant($told_by),)+
        }

        impl $crate::command::Told for $name {
            fn command(&self) -> &dyn $crate::command::Command {
                match self {
                    $(Self::$variant(told) => told.command(),)+
                }
            }

            fn name(&self) -> String {
                match self {
                    $(Self::$variant(told) => {
                        let name = format!("{} {}", stringify!($variant).to_lowercase(), told.name());
                        name.trim_end().to_owned()
                    })+
                }
            }

            fn own_facts(&self) -> $crate::command::Facts {
                match self {
                    $(Self::$variant(told) => told.own_facts(),)+
                }
            }

            fn facts() -> Vec<$crate::command::Facts> {
                [$(<$told_by as $crate::command::Told>::facts()),+].concat()
            }
        }
    };
}
use table;

table! {
    /// Something that somebody wants done in one pool. As JSON it is what goes through the control
    /// socket.
    Wish {
        /// Make rooms, change and remove them, look at them, and see to how long they keep what is
        /// said
        ///
        /// The running service does it, or, when that is stopped, this program on the database
        /// itself.
        #[command(subcommand)]
        Room(RoomWish),
        /// Name the members of rooms: who enters closed and secret ones
        ///
        /// The running service does it, or, when that is stopped, this program on the database
        /// itself.
        #[command(subcommand)]
        Member(MemberWish),
        /// Name the managers of rooms, who configure them and name their people
        ///
        /// The running service does it, or, when that is stopped, this program on the database
        /// itself.
        #[command(subcommand)]
        Manager(ManagerWish),
        /// Name the presenters of rooms, who speak in auditoriums
        ///
        /// The running service does it, or, when that is stopped, this program on the database
        /// itself.
        #[command(subcommand)]
        Presenter(PresenterWish),
        /// Remove or replace messages in the archives of rooms, and show what is on record of that
        ///
        /// The running service does it, or, when that is stopped, this program on the database
        /// itself.
        #[command(subcommand)]
        Message(MessageWish),
        /// Say whom rooms are for, who creates them, and what they do, by categories
        ///
        /// The running service does it, or, when that is stopped, this program on the database
        /// itself.
        #[command(subcommand)]
        Category(CategoryVerb),
        /// Register web pages that rooms can show, change and remove them
        ///
        /// The running service does it, or, when that is stopped, this program on the database
        /// itself.
        #[command(subcommand)]
        Addin(AddInWish),
        /// Ask to be let into closed rooms, and answer who asks
        #[command(subcommand)]
        Access(AccessCommandWish),
        /// List the people whom a category is for
        ///
        /// The running service does it, or, when that is stopped, this program on the database
        /// itself.
        #[command(subcommand)]
        Principal(PrincipalWish),
        Import(ImportRooms),
    }
}

/// What a command tells of itself. Its name, arguments and help are told by the struct's own
/// description.
pub trait Command: fmt::Debug {
    /// What is known of it before its arguments are.
    fn facts() -> Facts
    where
        Self: Sized,
    {
        Facts::default()
    }

    /// The room that it is about, which may say in which pool it is wanted, and by whom.
    fn room(&self) -> Option<&RoomName> {
        None
    }

    /// The same command without any effect: it is run first, and its [`Conclusion::question`] is
    /// put to whoever wants the effect. `None` when nothing is destroyed.
    fn rehearsal(&self) -> Option<Wish> {
        None
    }

    /// How its rows are shown.
    fn layout(&self) -> Layout {
        Layout::Sentence
    }

    /// Carries it out, from the first row of the answer to its conclusion.
    ///
    /// # Errors
    /// Why it was not carried out, or only in part.
    fn run(&self, tools: &mut Tools) -> Result<Conclusion, Error>;
}

/// What is known of a command before its arguments are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// Whether it may destroy something, so that it is confirmed first, see [`Command::rehearsal`].
    pub destroys: bool,
    /// Whether rooms come with it, see [`Attachment`].
    pub takes_rooms: bool,
    /// Who may run it: whoever has at least this rank, towards the [room](Command::room) that it
    /// is about. Operators, unless it says otherwise.
    pub rank: Rank,
    /// How its form is filled with what is stored, where it changes that.
    pub stored: Option<StoredForm>,
}

impl Facts {
    /// What is known of a command that whoever has this rank may run.
    pub fn for_rank(rank: Rank) -> Self {
        Self {
            rank,
            ..Self::default()
        }
    }
}

/// How a form is filled with what is stored before it is shown. What is filled in then and is
/// another than what was shown is the change; a list that was emptied has nothing as its only
/// value.
#[derive(Clone, Copy, Debug)]
pub struct StoredForm {
    /// The fields that say of what, which are asked first.
    pub of: &'static [&'static str],
    /// What is stored of what those fields say: the other fields, as they would be filled in.
    pub read: ReadStored,
}

/// Reads what is stored of what some fields say.
type ReadStored = fn(&[(String, Vec<String>)], &Tools) -> Result<Filled, Error>;

/// A row of the table of commands, or a table of its own.
pub trait Told {
    /// The command that is meant.
    fn command(&self) -> &dyn Command;

    /// As it is typed, without its arguments; of a single command nothing, since the row of the
    /// table says it.
    fn name(&self) -> String;

    /// What is known of the command that is meant.
    fn own_facts(&self) -> Facts;

    /// What is known of each, in the order of the table.
    fn facts() -> Vec<Facts>;
}

impl<C: Command> Told for C {
    fn command(&self) -> &dyn Command {
        self
    }

    fn name(&self) -> String {
        String::new()
    }

    fn own_facts(&self) -> Facts {
        C::facts()
    }

    fn facts() -> Vec<Facts> {
        vec![C::facts()]
    }
}

/// Carries out what somebody wants, if they may.
///
/// # Errors
/// - [`Error::NotAllowed`], [`Error::NotManaged`]
/// - Why it was not carried out, or only in part.
pub fn carry_out(wish: &Wish, tools: &mut Tools) -> Result<Conclusion, Error> {
    let command = wish.command();
    let room = command.room().map(|room| room.at(&tools.service));
    admit(tools, wish.own_facts().rank, &wish.name(), room.as_ref())?;
    command.run(tools)
}

/// What a command's form shows of what is stored, to whoever may run it; nothing when it does not
/// change what is stored.
///
/// # Errors
/// - [`Error::NotAllowed`], [`Error::NotManaged`]
/// - What the form is about is not there, or can't be read.
pub fn stored(form: &CommandForm, about: &Filled, tools: &Tools) -> Result<Filled, Error> {
    let Some(stored) = form.facts.stored else {
        return Ok(Filled::new());
    };
    let room = form
        .room()
        .and_then(|field| form::value(about, &field.name));
    let room = room.and_then(|room| room.parse::<RoomName>().ok());
    let room = room.map(|room| room.at(&tools.service));
    let name = form.name.join(" ");
    admit(tools, form.facts.rank, &name, room.as_ref())?;
    (stored.read)(about, tools)
}

fn admit(tools: &Tools, least: Rank, name: &str, room: Option<&jid::BareJid>) -> Result<(), Error> {
    match room.filter(|_| least < Rank::Operator) {
        Some(room) => tools.check_rank(least, room),
        None if tools.rank(None)? < least => Err(Error::NotAllowed {
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}
