//! Accessibility, in every state that the screen has and in each of its languages. What is tested
//! here and what is not is written in docs/ACCESSIBILITY.md.

mod announcements;
pub mod axe;
mod every_state;
mod focus;
mod sight;
mod sight_rules;
mod states;
mod tree;
mod undecided;
mod walk;
