//! The preview studio: what a designer does in it, and what a preview never does.

mod accessible;
mod compare;
mod drafts;
mod dropped;
mod edited;
mod findings;
mod gallery;
mod hear;
mod journey;
mod language;
mod measured;
mod notes;
mod paste;
mod pictures_from_disk;
mod quiet;
mod server_services;
mod services_file;
mod side_by_side;
mod stage;
mod static_host;
mod storyboard;
mod way;
mod zoomed;
