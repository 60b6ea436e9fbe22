//! `message acts`: what is on record.

use super::answer::{ActRow, Outcome, Row};
use super::error::Error;
use super::tools::Tools;
use crate::room::effect::Deed;
use crate::store::ActQuestion;
use crate::time;

/// So many acts are read at once.
const PAGE: u32 = 200;

/// Tells of all acts that are meant, in the order in which they were put on record.
pub(super) fn list(tools: &Tools, question: &ActQuestion) -> Result<Outcome, Error> {
    let mut behind = 0;
    loop {
        let page = tools.survey.acts(question, behind, PAGE)?;
        let Some((last, _, _)) = page.last() else {
            return Ok(Outcome::Told);
        };
        behind = *last;
        for (_, room, act) in page {
            tools.tell(Row::Act(ActRow {
                at: time::format(act.at),
                room,
                actor: act.actor,
                deed: name(act.deed).to_owned(),
                message: act.message.map(|id| id.to_string()),
                author: act.author,
                reason: act.reason.map(|reason| reason.to_string()),
            }))?;
        }
    }
}

fn name(deed: Deed) -> &'static str {
    match deed {
        Deed::Moderated => "moderated",
        Deed::Removed => "removed",
        Deed::Replaced => "replaced",
        Deed::Cleared => "cleared",
    }
}
