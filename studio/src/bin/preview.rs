fn main() {
    consent_studio::preview::start();
}
