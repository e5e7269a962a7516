//! Thumbnails start one after the other, while the page is idle.
//!
//! Each frame compiles and runs an app of its own in the page's thread: all at once they would block it for
//! seconds.

use std::{cell::RefCell, collections::VecDeque};

use crate::browser;

#[derive(Default)]
struct Waiting {
    frames: VecDeque<Box<dyn FnOnce(Turn)>>,
    is_busy: bool,
}

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::default();
}

/// The permission to start. The next one is given when this is dropped and the page is idle.
pub struct Turn(());

impl Drop for Turn {
    fn drop(&mut self) {
        browser::when_idle(next);
    }
}

/// Calls when it is the turn of this frame.
pub fn for_frame(work: impl FnOnce(Turn) + 'static) {
    let was_busy = WAITING.with_borrow_mut(|waiting| {
        waiting.frames.push_back(Box::new(work));
        std::mem::replace(&mut waiting.is_busy, true)
    });
    if !was_busy {
        browser::when_idle(next);
    }
}

fn next() {
    let work = WAITING.with_borrow_mut(|waiting| {
        let work = waiting.frames.pop_front();
        waiting.is_busy = work.is_some();
        work
    });
    if let Some(work) = work {
        work(Turn(()));
    }
}
