//! The backend as its neighbours see it: driven over HTTP, in process, on a database on disk.

mod authorize;
mod auto_login;
mod bodies;
mod browser;
mod channels;
mod configuration;
mod data_files;
mod decisions;
mod demo;
mod documentation;
mod form;
mod forms;
mod guards;
mod headers;
mod languages;
mod painted;
mod problems;
mod process;
mod protocols;
mod screen;
mod seeds;
mod sign_up;
mod studio;
mod texts;
mod tokens;
mod upkeep;
