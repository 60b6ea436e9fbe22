//! What can go wrong with an LDAP directory, in words for whoever runs the service.

/// Why a directory could not be read. None of it is taken then.
#[derive(Debug, thiserror::Error)]
pub enum LdapFault {
    /// Nobody answers there.
    #[error("{url} can't be reached ({why})")]
    Unreachable {
        /// Where the directory should be.
        url: String,
        /// What the system says.
        why: String,
    },
    /// It doesn't let us in.
    #[error("{url} refuses {bind}; check `bind` and the password")]
    Refused {
        /// Where the directory is.
        url: String,
        /// Who we said we are.
        bind: String,
    },
    /// The filter is no filter.
    #[error("`filter` is {filter}, which is no filter as RFC 4515 has it")]
    Filter {
        /// As it is written.
        filter: String,
    },
    /// There is nothing where we look.
    #[error("{url} shows no entry {base}; check `base`, and what `bind` may read there")]
    NoBase {
        /// Where the directory is.
        url: String,
        /// Below what we look.
        base: String,
    },
    /// It gives a part, which is worse than nothing.
    #[error(
        "{url} gives only a part of its entries ({why}); raise its limits for the one whom `bind` \
         names"
    )]
    Part {
        /// Where the directory is.
        url: String,
        /// The limit that was met.
        why: String,
    },
    /// There is more than we take.
    #[error(
        "{url} has more {what} than `entries_max` lets Lyceum read; make `base` or `filter` narrower"
    )]
    TooLarge {
        /// Where the directory is.
        url: String,
        /// Of what there is too much.
        what: &'static str,
    },
    /// Not one person is there, which nobody means.
    #[error(
        "{url} shows nobody with an address below {base}; check `filter`, `address`, and what `bind` may read"
    )]
    Nobody {
        /// Where the directory is.
        url: String,
        /// Below what we look.
        base: String,
    },
    /// It takes too long.
    #[error("{url} does not answer within {seconds} seconds")]
    Slow {
        /// Where the directory is.
        url: String,
        /// How long was waited.
        seconds: u32,
    },
    /// Anything else that goes wrong.
    #[error("{url} can't be read: {why}")]
    Other {
        /// Where the directory is.
        url: String,
        /// In its own words, or in those of the library.
        why: String,
    },
}
