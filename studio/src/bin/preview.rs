fn main() {
    consent_studio::stage::start();
}
