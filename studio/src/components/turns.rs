//! Work that can wait: one piece after the other, while the page is idle.
//!
//! Thumbnails are such work. Each frame compiles and runs an app of its own in the page's thread: all at once
//! they would block it for seconds.

use std::{cell::RefCell, collections::VecDeque};

use crate::browser;

type Work = Box<dyn FnOnce(Turn)>;

#[derive(Default)]
struct Waiting {
    frames: VecDeque<Work>,
    /// What is done once no frame waits.
    others: VecDeque<Work>,
    is_busy: bool,
}

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::default();
}

/// The permission to work. The next one is given when this is dropped and the page is idle.
pub struct Turn(());

impl Drop for Turn {
    fn drop(&mut self) {
        browser::when_idle(next);
    }
}

/// Calls when it is the turn of this frame.
pub fn for_frame(work: impl FnOnce(Turn) + 'static) {
    queue(|waiting| waiting.frames.push_back(Box::new(work)));
}

/// Calls when no frame waits for its turn.
pub fn after_frames(work: impl FnOnce() + 'static) {
    let work = move |turn: Turn| {
        work();
        drop(turn);
    };
    queue(|waiting| waiting.others.push_back(Box::new(work)));
}

fn queue(add: impl FnOnce(&mut Waiting)) {
    let was_busy = WAITING.with_borrow_mut(|waiting| {
        add(waiting);
        std::mem::replace(&mut waiting.is_busy, true)
    });
    if !was_busy {
        browser::when_idle(next);
    }
}

fn next() {
    let work = WAITING.with_borrow_mut(|waiting| {
        let work = waiting.frames.pop_front().or_else(|| waiting.others.pop_front());
        waiting.is_busy = work.is_some();
        work
    });
    if let Some(work) = work {
        work(Turn(()));
    }
}
