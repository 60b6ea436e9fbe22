//! Where commands are taken, and a thread is given to each.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use jid::{BareJid, DomainPart, Jid};
use tokio::sync::mpsc;

use super::order::{CommandFinding, CommandOrder, CommandOutcome, CommandTask, OutcomeTeller};
use crate::command::{
    self, Asker, Attachment, Environment, Error, Gathered, Gathering, Job, Replies, Reply, Tools,
    Wish,
};
use crate::directory::Retention;
use crate::service::{Engine, clock, fresh};
use crate::store::SurveyPlace;
use crate::wire::content::{retraction, searchable};
use crate::wire::xml::uri;

/// Carries out the commands for one pool.
#[derive(Clone, Debug)]
pub struct CommandRunner {
    place: SurveyPlace,
    service: BareJid,
    operators: Arc<BTreeSet<BareJid>>,
    items_max: usize,
    served: Arc<BTreeSet<DomainPart>>,
    retention: Retention,
    jobs: mpsc::Sender<Job>,
}

/// The work that commands want done, for the engine.
pub type Jobs = mpsc::Receiver<Job>;

impl CommandRunner {
    /// The runner for an engine, and the work that the engine is to do.
    pub fn of(engine: &Engine) -> (Self, Jobs) {
        let (jobs, queue) = mpsc::channel(1);
        let runner = Self {
            place: engine.store.survey_place(),
            service: engine.settings.service.clone(),
            operators: engine.directory.terms().operators.clone(),
            items_max: engine.directory.terms().items_max,
            served: engine.directory.terms().served.clone(),
            retention: engine.directory.retention(),
            jobs,
        };
        (runner, queue)
    }

    /// Carries out a command on a thread of its own. The last reply is [`Reply::Done`] or
    /// [`Reply::Failed`]. When the receiver of the replies is dropped, the work stops with the
    /// piece in hand.
    pub fn start(
        &self,
        asker: Asker,
        wish: Wish,
        attachment: Attachment,
        replies: mpsc::Sender<Reply>,
    ) {
        let runner = self.clone();
        let failed = replies.clone();
        let started = thread::Builder::new()
            .name("command".to_owned())
            .spawn(move || runner.carry_out(asker, &wish, attachment, replies));
        if let Err(error) = started {
            let why = format!("the system gives no thread: {error}");
            // The channel is empty, and whoever asked may be gone.
            let _ = failed.try_send(Reply::Failed { why });
        }
    }

    /// Carries out orders, each on a thread of its own, and tells what came of them.
    pub fn begin_all(&self, orders: Vec<CommandOrder>, outcomes: &mpsc::Sender<CommandOutcome>) {
        for order in orders {
            self.begin(order, outcomes);
        }
    }

    fn begin(&self, order: CommandOrder, outcomes: &mpsc::Sender<CommandOutcome>) {
        let runner = self.clone();
        let teller = OutcomeTeller::of(&order, outcomes);
        let started = thread::Builder::new()
            .name("command".to_owned())
            .spawn(move || {
                let end = runner.find(&order);
                // Whoever hears of the end may begin another.
                drop(order);
                teller.tell(end.map_err(|error| error.to_string()));
            });
        if let Err(error) = started {
            tracing::error!(%error, "the system gives no thread for a command");
        }
    }

    fn find(self, order: &CommandOrder) -> Result<CommandFinding, Error> {
        let gathering = Gathering::until(order.stop.clone());
        let replies = Replies::Gathered(gathering);
        let mut tools = self.tools(order.asker.clone(), Attachment::none(), replies)?;
        match &order.task {
            CommandTask::Read { form, about } => {
                command::stored(form, about, &tools).map(CommandFinding::Read)
            }
            CommandTask::Do(wish) => {
                let conclusion = command::carry_out(wish, &mut tools)?;
                let gathered = match &tools.replies {
                    Replies::Gathered(gathering) => gathering.finish(),
                    Replies::Told(_) => Gathered::default(),
                };
                Ok(CommandFinding::Done(gathered, conclusion))
            }
        }
    }

    fn carry_out(
        self,
        asker: Asker,
        wish: &Wish,
        attachment: Attachment,
        replies: mpsc::Sender<Reply>,
    ) {
        let last = replies.clone();
        let tools = self.tools(asker, attachment, Replies::Told(replies));
        let outcome = tools.and_then(|mut tools| command::carry_out(wish, &mut tools));
        let reply = match outcome {
            Ok(conclusion) => Reply::Done(conclusion),
            Err(error) => Reply::Failed {
                why: error.to_string(),
            },
        };
        // Whoever asked may be gone.
        let _ = last.blocking_send(reply);
    }

    fn tools(self, asker: Asker, attachment: Attachment, replies: Replies) -> Result<Tools, Error> {
        Ok(Tools {
            asker,
            service: self.service,
            operators: self.operators,
            served: self.served,
            survey: self.place.open()?,
            attachment,
            items_max: self.items_max,
            retention: self.retention,
            environment: ENVIRONMENT,
            jobs: self.jobs,
            replies,
        })
    }
}

const ENVIRONMENT: Environment = Environment {
    now: || clock::now().at,
    fresh_id: fresh::id,
    fresh_salt: fresh::salt,
    link: |room| uri::to_join(&Jid::from(room.clone())),
    text_of: searchable::text_of_archived,
    tombstone: retraction::tombstone,
};
