//! Accessibility, in every state that the screen has and in each of its languages. What is tested
//! here and what is not is written in docs/ACCESSIBILITY.md.

#[macro_use]
mod states;

mod announcements;
pub mod axe;
mod focus;
mod sight;
mod sight_rules;
mod tree;
mod undecided;
mod walk;
