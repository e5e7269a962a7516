//! The panel "behind the scenes" at the end of every page.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::Frame;
use crate::code_samples::{self, Sample};
use crate::faq::Question;

/// A request that the shop made to the provider. Secrets are shortened before they come here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeRequest {
    pub method: String,
    pub url: String,
    /// The form fields or headers worth showing, secrets shortened to 4 characters.
    pub sent: Vec<(String, String)>,
    pub outcome: Outcome,
    pub millis: u64,
}

/// How a request to the provider ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// An HTTP status.
    Status(u16),
    /// No answer within the time limit.
    TimedOut,
    /// No connection.
    Unreachable,
    /// An answer that is not what the protocol promises.
    NotUnderstood,
}

/// What the panel of a page explains: questions of the FAQ, and names of code samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Behind {
    pub questions: Vec<Question>,
    pub samples: Vec<&'static str>,
}

impl Behind {
    pub(super) fn of(questions: &[Question], samples: &[&'static str]) -> Behind {
        Behind { questions: questions.to_vec(), samples: samples.to_vec() }
    }
}

pub(super) fn panel(frame: &Frame, behind: &Behind) -> Markup {
    let texts = frame.texts();
    html! {
        aside.behind-place aria-label=(texts.get("behind.title")) {
            details.behind {
                summary {
                    span.behind-title { (texts.get("behind.title")) }
                    span.behind-lead { (texts.get("behind.lead")) }
                }
                section {
                    h2 { (texts.get("behind.requests")) }
                    @if frame.requests.is_empty() {
                        p { (texts.get("behind.no_requests")) }
                    } @else {
                        ol.requests {
                            @for request in &frame.requests {
                                li { (made_request(frame, request)) }
                            }
                        }
                    }
                }
                section {
                    h2 { (texts.get("behind.code")) }
                    @for sample in samples(behind) {
                        figure.sample {
                            figcaption { (sample.file) }
                            // Scrolls sideways, so it takes the focus (WCAG 2.1.1).
                            pre tabindex="0" role="region" aria-label={ (sample.file) " " (sample.name) } translate="no" lang="en" {
                                code { (sample.code) }
                            }
                        }
                    }
                }
                section {
                    h2 { (texts.get("behind.faq")) }
                    @for question in &behind.questions {
                        h3 { (question.text(frame.language)) }
                        @for paragraph in question.answer(frame.language) {
                            p { (paragraph) }
                        }
                    }
                }
            }
        }
    }
}

/// The tests render every page, so a name without a sample is found there.
fn samples(behind: &Behind) -> impl Iterator<Item = &'static Sample> {
    behind.samples.iter().filter_map(|name| {
        let sample = code_samples::find(name);
        debug_assert!(sample.is_some(), "no sample {name}");
        sample
    })
}

fn made_request(frame: &Frame, request: &MadeRequest) -> Markup {
    let texts = frame.texts();
    let failed = !matches!(request.outcome, Outcome::Status(100..400));
    html! {
        p.request-line translate="no" {
            b { (request.method) } " "
            code { (request.url) }
        }
        p class=(if failed { "request-end failed" } else { "request-end" }) {
            @match request.outcome {
                Outcome::Status(status) => { b { (status) } },
                Outcome::TimedOut => { b { (texts.get("behind.timed_out")) } },
                Outcome::Unreachable => { b { (texts.get("behind.unreachable")) } },
                Outcome::NotUnderstood => { b { (texts.get("behind.not_understood")) } },
            }
            " · " (request.millis) " ms"
        }
        @if !request.sent.is_empty() {
            dl.sent translate="no" {
                @for (name, value) in &request.sent {
                    div { dt { (name) } dd { (value) } }
                }
            }
        }
    }
}
