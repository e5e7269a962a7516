//! Who a service of a file is shown to: an account of the file, or a sample that has a value for each item.

use consent_contract::request::{ConsentRequest, Relation};
use consent_fixtures::{Fixture, Screen, named};
use consent_services::{
    Account, Rules, Served, accounts,
    age::Day,
    attribute::{Attribute, ItemKind},
    rules, served,
};

use crate::{
    language::{t, tf},
    new_service::new_service,
    source::Source,
};

/// A user that a file can be shown to.
#[derive(Debug, Clone, PartialEq)]
pub enum User {
    /// Has a value for each item, and no relation to a channel.
    Sample,
    OfFile(Box<Account>),
}

impl User {
    /// In the studio's language.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Sample => t("Sample with every value").to_owned(),
            Self::OfFile(account) => format!("{} ({})", account.nickname, account.id),
        }
    }

    /// The masked value of an item, or the word for a permission.
    #[must_use]
    pub fn value(&self, item: &str) -> Option<String> {
        let is_permission = Attribute::of(item).is_some_and(|it| it.kind() == ItemKind::Service);
        match self {
            Self::OfFile(account) if !is_permission => account.value(item).map(str::to_owned),
            _ => sample_value(item),
        }
    }

    fn relation(&self, channel: &str) -> Relation {
        match self {
            Self::Sample => Relation::None,
            Self::OfFile(account) => account.relation(channel),
        }
    }
}

/// As the gallery has it.
fn sample_value(item: &str) -> Option<String> {
    let request = named("every-consent-item").and_then(|it| it.fixture.request())?;
    request.personal_info.items.iter().find(|it| it.id == item)?.value.clone()
}

/// The users of a file, the sample first.
#[must_use]
pub fn users(source: &Source) -> Vec<User> {
    let accounts = source.toml().and_then(|toml| accounts(&toml, source.service).ok());
    let accounts = accounts.unwrap_or_default().into_iter().map(|it| User::OfFile(Box::new(it)));
    [User::Sample].into_iter().chain(accounts).collect()
}

/// Who a service of a file can be shown to, and what it does with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Audience {
    /// The sample first. None without a file.
    pub users: Vec<User>,
    rules: Rules,
}

/// What a backend shows a user in place of a fixture.
#[derive(Debug, Clone, PartialEq)]
pub struct ServedFixture {
    pub fixture: Fixture,
    /// Why it is another one, as sentences.
    pub explanations: Vec<String>,
}

/// The audience of the file of a draft.
#[must_use]
pub fn audience(source: &Source) -> Audience {
    let rules = source.toml().and_then(|toml| rules(&toml, source.service).ok());
    Audience { users: users(source), rules: rules.unwrap_or_default() }
}

impl Audience {
    /// What a backend shows in place of a fixture to the account that it is shown to. None where it is shown
    /// to the sample, and for other pages than the consent screen.
    #[must_use]
    pub fn served(&self, fixture: &Fixture, today: &str) -> Option<ServedFixture> {
        let Screen::Consent(consent) = &fixture.screen else { return None };
        let user = self.users.get(user_of(fixture, &self.users));
        let Some(User::OfFile(account)) = user else { return None };
        let page = |name: &str| named(name).map(|it| it.fixture.screen.clone());
        let mut served_fixture = fixture.clone();
        let (screen, explanations) = match served(
            &consent.request,
            account,
            &self.rules,
            Day::of(today)?,
        ) {
            Served::Screen(request) => {
                let explanations = self.left_out(&consent.request, &request);
                let mut consent = consent.clone();
                consent.request = *request;
                (Screen::Consent(consent), explanations)
            }
            Served::NoScreen => {
                let mut consent = consent.clone();
                let request = &mut consent.request;
                request.terms.clear();
                request.personal_info.items.clear();
                request.channels.clear();
                request.reasons.0.clear();
                let explanation = t("Nothing is left that the service has to ask this account: \
                                         a backend shows no screen, and the user goes on at once.");
                (Screen::Consent(consent), vec![explanation.to_owned()])
            }
            Served::UnderAge { min_age } => {
                let mut screen = page("under-age")?;
                if let Screen::Problem(problem) = &mut screen {
                    problem.min_age = Some(min_age);
                }
                let explanation = tf(
                    "The service takes no one under {age}: a backend shows this account a page that \
                         states it.",
                    &[("age", &min_age)],
                );
                (screen, vec![explanation])
            }
            Served::GuardianNeeded => {
                let explanation =
                    t("This account is a child’s: a backend asks for a guardian first. \
                                         The page is that of the demo.");
                (page("server-guardian-needed")?, vec![explanation.to_owned()])
            }
        };
        served_fixture.screen = screen;
        Some(ServedFixture { fixture: served_fixture, explanations })
    }

    /// What of a request is not in what is shown, as sentences.
    fn left_out(&self, all: &ConsentRequest, served: &ConsentRequest) -> Vec<String> {
        let mut sentences = Vec::new();
        if served.purpose != all.purpose {
            let sentence =
                t("This account is a member: it is asked for what it has not agreed to in this \
                              version.");
            sentences.push(sentence.to_owned());
        }
        let agreed = &served.already_agreed.personal_info;
        let is_gone = |id: &str| {
            served.personal_info.items.iter().all(|it| it.id != id)
                && agreed.iter().all(|it| it.id != id)
        };
        for item in all.personal_info.items.iter().filter(|it| is_gone(&it.id)) {
            sentences.push(tf(
                "“{name}” is left out: the account has no value for it, and it cannot be typed.",
                &[("name", &item.label)],
            ));
        }
        let is_offered = |id: &str| served.channels.iter().any(|channel| channel.public_id == id);
        for channel in all.channels.iter().filter(|it| !is_offered(&it.public_id)) {
            sentences.push(tf(
                "The channel “{name}” is for adults: it is not offered, because no verified date of \
                 birth shows that the user is one.",
                &[("name", &channel.name)],
            ));
        }
        sentences
    }
}

/// What a user sees of a fixture. Other pages than the consent screen stay as they are.
#[must_use]
pub fn shown_to(fixture: &Fixture, user: &User) -> Fixture {
    let mut fixture = fixture.clone();
    if let Screen::Consent(consent) = &mut fixture.screen {
        consent.request = request_to(&consent.request, user);
        // What is typed is for values that the account lacks.
        let items = &consent.request.personal_info.items;
        consent.typed.retain(|id, _| items.iter().any(|it| it.id == *id && it.value.is_none()));
    }
    fixture
}

fn request_to(request: &ConsentRequest, user: &User) -> ConsentRequest {
    let mut request = request.clone();
    let account = &mut request.account;
    (account.nickname, account.identifier, account.messenger_registered) = match user {
        User::OfFile(it) => (it.nickname.clone(), it.identifier.clone(), it.messenger_registered),
        User::Sample => {
            let sample = new_service();
            let it = &sample.request().expect("a new service asks").account;
            (it.nickname.clone(), it.identifier.clone(), it.messenger_registered)
        }
    };
    for item in &mut request.personal_info.items {
        item.value = user.value(&item.id);
    }
    for channel in &mut request.channels {
        channel.relation = user.relation(&channel.public_id);
    }
    request
}

/// Whether two fixtures show the same to one user.
#[must_use]
pub fn is_same_but_for_the_user(one: &Fixture, other: &Fixture) -> bool {
    one.screen == other.screen
        || shown_to(one, &User::Sample).screen == shown_to(other, &User::Sample).screen
}

/// The place in the list of the user whom a fixture is most like: an edit changes a value or two.
#[must_use]
pub fn user_of(fixture: &Fixture, users: &[User]) -> usize {
    let Some(request) = fixture.request() else { return 0 };
    let likeness = users.iter().map(|user| alike(request, &request_to(request, user)));
    let best = likeness.enumerate().rev().max_by_key(|(_, count)| *count);
    best.map(|(at, _)| at).unwrap_or_default()
}

/// How many places of the user are the same.
fn alike(one: &ConsentRequest, other: &ConsentRequest) -> usize {
    let (a, b) = (&one.account, &other.account);
    let account = [
        a.nickname == b.nickname,
        a.identifier == b.identifier,
        a.messenger_registered == b.messenger_registered,
    ];
    let items = one.personal_info.items.iter().zip(&other.personal_info.items);
    let channels = one.channels.iter().zip(&other.channels);
    let same = account.into_iter().chain(items.map(|(one, other)| one.value == other.value));
    same.chain(channels.map(|(one, other)| one.relation == other.relation)).filter(|it| *it).count()
}

/// A request that is shown to a user of the file, as the sample would see it. What was edited of the user stays
/// edited.
#[must_use]
pub fn to_the_sample(request: &ConsentRequest, user: &User) -> ConsentRequest {
    fn replace<T: PartialEq>(now: &mut T, theirs: &T, sample: T) {
        if now == theirs {
            *now = sample;
        }
    }
    let mut request = request.clone();
    let (theirs, sample) = (request_to(&request, user), request_to(&request, &User::Sample));
    let account = &mut request.account;
    replace(&mut account.nickname, &theirs.account.nickname, sample.account.nickname);
    replace(&mut account.identifier, &theirs.account.identifier, sample.account.identifier);
    replace(
        &mut account.messenger_registered,
        &theirs.account.messenger_registered,
        sample.account.messenger_registered,
    );
    let items = theirs.personal_info.items.iter().zip(sample.personal_info.items);
    for (item, (theirs, sample)) in request.personal_info.items.iter_mut().zip(items) {
        replace(&mut item.value, &theirs.value, sample.value);
    }
    let channels = theirs.channels.iter().zip(sample.channels);
    for (channel, (theirs, sample)) in request.channels.iter_mut().zip(channels) {
        replace(&mut channel.relation, &theirs.relation, sample.relation);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{services, theme::Theme};

    const DEMO: &str = include_str!("../../backend/demo/services.toml");

    fn demo() -> (Fixture, Source, Vec<User>) {
        let source = Source::new("services.toml", 0, DEMO);
        let users = users(&source);
        (services::fixture(DEMO, 0).unwrap(), source, users)
    }

    fn account<'a>(users: &'a [User], id: &str) -> &'a User {
        let is_it = |user: &&User| matches!(user, User::OfFile(account) if account.id == id);
        users.iter().find(is_it).unwrap()
    }

    #[test]
    fn each_account_of_a_file_sees_its_own_values_and_channels() {
        let (fixture, _, users) = demo();
        let ids: Vec<_> = users.iter().map(User::label).collect();
        assert_eq!(ids.len(), 10, "{ids:?}");
        let seen = |id: &str| shown_to(&fixture, account(&users, id)).request().unwrap().clone();
        let value = |request: &ConsentRequest, id: &str| {
            let mut items = request.personal_info.items.iter();
            items.find(|it| it.id == id).unwrap().value.clone()
        };
        let without_email = seen("no-email");
        assert_eq!(value(&without_email, "account_email"), None);
        assert_eq!(value(&without_email, "phone_number").as_deref(), Some("010-****-8888"));
        assert_eq!(without_email.account.nickname, "이솔");
        assert!(!seen("no-messenger").account.messenger_registered);
        assert_eq!(seen("channel-blocked").channels[0].relation, Relation::Blocked);
        assert_eq!(seen("new").channels[0].relation, Relation::None);
    }

    #[test]
    fn a_fixture_is_known_to_be_of_its_user_after_an_edit() {
        let (fixture, _, users) = demo();
        assert_eq!(user_of(&fixture, &users), 0);
        for (at, user) in users.iter().enumerate() {
            let mut shown = shown_to(&fixture, user);
            assert_eq!(user_of(&shown, &users), at, "{}", user.label());
            let Screen::Consent(consent) = &mut shown.screen else { panic!("it asks") };
            consent.request.account.nickname = "두부".to_owned();
            assert_eq!(user_of(&shown, &users), at, "{}", user.label());
            assert_eq!(user_of(&shown_to(&shown, &User::Sample), &users), 0);
        }
    }

    #[test]
    fn the_same_state_is_known_with_any_user() {
        let (fixture, _, users) = demo();
        let other = services::fixture(DEMO, 1).unwrap();
        for user in &users {
            assert!(is_same_but_for_the_user(&shown_to(&fixture, user), &fixture));
            assert!(!is_same_but_for_the_user(&shown_to(&other, user), &fixture));
        }
    }

    #[test]
    fn an_account_is_shown_what_a_backend_shows() {
        const TODAY: &str = "2026-12-01";
        let of_service = |service: usize, id: &str| {
            let source = Source::new("services.toml", service, DEMO);
            let audience = audience(&source);
            let fixture = services::fixture(DEMO, service).unwrap();
            let user = account(&audience.users, id).clone();
            audience.served(&shown_to(&fixture, &user), TODAY).unwrap()
        };
        // A member: less than a new user.
        let new = of_service(0, "new");
        assert_eq!(new.explanations, [""; 0]);
        let returning = of_service(0, "returning");
        let asked = returning.fixture.request().unwrap();
        assert!(asked.terms.len() < new.fixture.request().unwrap().terms.len());
        assert!(asked.already_agreed.personal_info.iter().any(|it| it.id == "account_email"));
        assert!(returning.explanations[0].starts_with("This account is a member"));
        // Members by plain login are asked everything, with what they have shared so far.
        let login = of_service(0, "login-only");
        assert_eq!(login.fixture.request().unwrap().already_agreed.personal_info.len(), 1);
        // A child: at a service without guardians, and at one with them.
        let refused = of_service(0, "under-14");
        assert!(matches!(&refused.fixture.screen, Screen::Problem(it) if it.min_age == Some(14)));
        let asks = of_service(1, "under-14");
        assert!(matches!(&asks.fixture.screen, Screen::ServerPage(it) if it == "guardian-needed"));
        // The sample sees what the draft has.
        let (fixture, source, _) = demo();
        assert_eq!(audience(&source).served(&fixture, TODAY), None);
    }

    #[test]
    fn a_channel_for_adults_is_offered_to_identified_adults() {
        let toml = "[[service]]\nclient_id = \"a\"\n[[service.channels]]\npublic_id = \"_wine\"\n\
                    name = \"술\"\nprimary = true\nadult = true\n\
                    [[account]]\nid = \"adult\"\nnickname = \"가\"\nlegal_birth_date = 1990-01-01\n\
                    [[account]]\nid = \"unknown\"\nnickname = \"나\"\nbirthday = 1990-01-01\n";
        let source = Source::new("services.toml", 0, toml);
        let audience = audience(&source);
        let fixture = services::fixture(toml, 0).unwrap();
        for (id, channels) in [("adult", 1), ("unknown", 0)] {
            let shown = shown_to(&fixture, account(&audience.users, id));
            let served = audience.served(&shown, "2026-12-01").unwrap();
            assert_eq!(served.fixture.request().unwrap().channels.len(), channels, "{id}");
            assert_eq!(served.explanations.len(), 1 - channels, "{id}");
        }
    }

    /// Which account is shown is no change of the file, and nothing that it has no place for.
    #[test]
    fn another_user_leaves_the_file_as_it_is() {
        let (fixture, source, users) = demo();
        for user in &users {
            let mut shown = shown_to(&fixture, user);
            let given = services::hand_over(&shown, &Theme::default(), Some(&source)).unwrap();
            assert_eq!(given.counts(), (0, 0), "{}", user.label());
            assert_eq!(given.left_out, [], "{}", user.label());
            let Screen::Consent(consent) = &mut shown.screen else { panic!("it asks") };
            consent.request.account.nickname = "두부".to_owned();
            let given = services::hand_over(&shown, &Theme::default(), Some(&source)).unwrap();
            let at: Vec<_> = given.left_out.iter().map(|it| &*it.at).collect();
            assert_eq!(at, ["/request/account/nickname"], "{}", user.label());
        }
    }
}
