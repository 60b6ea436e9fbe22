//! Places for connections that come from outside: only a limited number is served at a time.
//!
//! Whoever connects and says nothing must not keep others out. So a newcomer always gets a place,
//! and where there is none the connection goes that has been silent for longest.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::{AbortHandle, JoinSet};

/// The connections that are served; all end when this is dropped.
#[derive(Debug)]
pub struct Places {
    places_max: usize,
    tasks: JoinSet<()>,
    /// In the order in which they came.
    taken: VecDeque<(Busy, AbortHandle)>,
}

/// Whether a connection has brought what it came for, and is served.
#[derive(Clone, Debug, Default)]
pub struct Busy(Arc<AtomicBool>);

impl Busy {
    /// It has; from now on it is not ended for another.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Places {
    /// No connection is served yet; `places_max` is the maximum number served at a time.
    pub fn new(places_max: usize) -> Self {
        Self {
            places_max,
            tasks: JoinSet::new(),
            taken: VecDeque::new(),
        }
    }

    /// Serves a connection. False: all others are busy, and nothing is done.
    pub fn admit<F>(&mut self, serve: impl FnOnce(Busy) -> F) -> bool
    where
        F: Future<Output = ()> + Send + 'static,
    {
        while self.tasks.try_join_next().is_some() {}
        self.taken.retain(|(_, task)| !task.is_finished());
        if self.taken.len() >= self.places_max {
            let idle = self.taken.iter().position(|(busy, _)| !busy.is_begun());
            let Some((_, task)) = idle.and_then(|place| self.taken.remove(place)) else {
                return false;
            };
            task.abort();
        }
        let busy = Busy::default();
        let task = self.tasks.spawn(serve(busy.clone()));
        self.taken.push_back((busy, task));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    #[tokio::test]
    async fn a_newcomer_gets_the_place_of_who_has_been_silent_longest() {
        let mut places = Places::new(2);
        let (told, mut ended) = tokio::sync::mpsc::unbounded_channel();
        for number in 0..4 {
            let told = told.clone();
            let admitted = places.admit(|busy| async move {
                let _at_the_end = OnDrop(number, told);
                if number == 1 {
                    busy.begin();
                }
                pending().await
            });
            assert!(admitted);
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert_eq!(ended.recv().await, Some(0), "the first silent one");
        assert_eq!(ended.recv().await, Some(2), "1 is busy");
        assert!(ended.try_recv().is_err());
    }

    #[tokio::test]
    async fn nobody_who_is_served_is_ended_for_another() {
        let mut places = Places::new(1);
        assert!(places.admit(|busy| async move {
            busy.begin();
            pending().await
        }));
        tokio::task::yield_now().await;
        assert!(!places.admit(|_| pending()));
    }

    struct OnDrop(u32, tokio::sync::mpsc::UnboundedSender<u32>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            let _ = self.1.send(self.0);
        }
    }
}
