//! What several pages of the studio use.

mod badge;
mod choices;
mod choose_service;
mod detail;
mod drop_file;
mod line_difference;
mod not_found;
mod notice;
mod open_file;
mod preview_frame;
mod sentence;
mod server_services;
mod studio_language;
/// Work that can wait until the page is idle.
pub mod turns;
mod view_controls;
mod view_switch;

pub use badge::FindingsBadge;
pub use choices::{RadioGroup, Select, SizeSelect};
pub use choose_service::ChooseService;
pub use detail::Detail;
pub use drop_file::DropFile;
pub use line_difference::{LineDifference, ValueDifference};
pub use not_found::NotFound;
pub use notice::Notice;
pub use open_file::OpenFile;
pub use preview_frame::PreviewFrame;
pub use sentence::Sentence;
pub use server_services::ServerServices;
pub use studio_language::StudioLanguage;
pub use view_controls::{LanguageControl, ThemeControl, WidthControl, ZoomControl, room_in};
pub use view_switch::ViewSwitch;
