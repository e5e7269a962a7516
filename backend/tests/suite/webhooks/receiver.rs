//! A service's endpoint for webhooks, on a port of this machine.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Heard {
    /// `POST /events`
    pub line: String,
    /// In lower case names, in their order.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The answer's.
    pub status: u16,
}

impl Heard {
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        &found.unwrap_or_else(|| panic!("no {name}: {self:?}")).1
    }

    /// The claims of a Security Event Token, unverified.
    #[track_caller]
    pub fn claims(&self) -> Value {
        use base64::Engine as _;
        let part = self.body.split('.').nth(1).unwrap_or_else(|| panic!("{self:?}"));
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    pub fn jti(&self) -> String {
        self.claims()["jti"].as_str().unwrap().to_owned()
    }

    /// The last part of the event type's URI, and the event.
    #[track_caller]
    pub fn event(&self) -> (String, Value) {
        let claims = self.claims();
        let events = claims["events"].as_object().unwrap();
        assert_eq!(events.len(), 1, "{claims}");
        let (uri, event) = events.iter().next().unwrap();
        (uri.rsplit('/').next().unwrap().to_owned(), event.clone())
    }
}

#[derive(Default)]
struct State {
    heard: Vec<Heard>,
    /// The statuses of the next answers; 202 after them.
    answers: VecDeque<u16>,
    /// How long each answer takes.
    delay: Duration,
}

/// The endpoint.
pub struct Receiver {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        // It ends with the test program.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || answer(stream, &state));
            }
        });
        Self { address, state }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The statuses of the next answers.
    pub fn answers(&self, statuses: &[u16]) {
        self.state.lock().unwrap().answers.extend(statuses);
    }

    /// Makes every answer take this long.
    pub fn is_slow(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.state.lock().unwrap().heard.clone()
    }

    /// What it answered with success, and forgets everything.
    pub fn take(&self) -> Vec<Heard> {
        let heard = std::mem::take(&mut self.state.lock().unwrap().heard);
        heard.into_iter().filter(|it| (200..300).contains(&it.status)).collect()
    }

    /// The names of the events, and forgets them.
    pub fn names(&self) -> Vec<String> {
        self.take().iter().map(|heard| heard.event().0).collect()
    }

    /// Waits until this holds of what was heard.
    #[track_caller]
    pub fn wait(&self, until: impl Fn(&[Heard]) -> bool) {
        let start = Instant::now();
        while !until(&self.heard()) {
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", self.heard());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn answer(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    while let Some(mut heard) = read(&mut reader) {
        let delay = state.lock().unwrap().delay;
        thread::sleep(delay);
        {
            let mut state = state.lock().unwrap();
            heard.status = state.answers.pop_front().unwrap_or(202);
            let is_kakao = heard.headers.iter().any(|(_, value)| value.starts_with("KakaoAK"));
            if is_kakao && heard.status == 202 {
                heard.status = 200;
            }
            state.heard.push(heard.clone());
        }
        let answer = format!("HTTP/1.1 {} Status\r\nContent-Length: 0\r\n\r\n", heard.status);
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Heard> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let line = line.trim_end().strip_suffix(" HTTP/1.1")?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Heard { line, headers, body, status: 0 })
}
