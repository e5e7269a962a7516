fn main() {
    consent_screen::app::start();
}
