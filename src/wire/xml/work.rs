//! How much work a stanza makes, in steps: for tests, which bound it.
//!
//! A step is a byte that is parsed or written, a child, an attribute or a declaration that is
//! looked at. Whatever goes over parts of a stanza counts its steps here, so that a loop in a loop
//! shows, whoever has written it: the table of stanzas in `tests` of [`service`](crate::service)
//! holds a bound for every element that is read.

/// Counts steps; in a program nothing is counted.
#[inline]
pub(crate) fn steps(count: usize) {
    #[cfg(test)]
    counted::add(count);
    #[cfg(not(test))]
    let _ = count;
}

#[cfg(test)]
pub(crate) use counted::of;

#[cfg(test)]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub fn add(count: usize) {
        STEPS.with(|steps| steps.set(steps.get() + count));
    }

    /// How many steps of this thread something takes.
    pub fn of(work: impl FnOnce()) -> usize {
        let before = STEPS.with(Cell::get);
        work();
        STEPS.with(Cell::get) - before
    }
}
