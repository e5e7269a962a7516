fn main() {
    leptos::task::spawn_local(consent_screen::app::mount());
}
