fn main() {
    consent_studio::app::start();
}
