//! What outlives what: the rooms beside real servers when the service, the server, a client, the
//! disk or the link between them fails.

mod disk;
mod ghosts;
mod link;
mod server;
mod unnoticed;

use crate::support::servers::{Lyceum, Server};
use crate::support::session::PASSWORD;

/// A service beside a server, and accounts there.
fn beside(server: &Server, accounts: &[&str]) -> Lyceum {
    for account in accounts {
        server.add_user(account, PASSWORD);
    }
    Lyceum::start(server)
}
