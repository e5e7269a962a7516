fn main() {
    consent_screen::app::mount();
}
