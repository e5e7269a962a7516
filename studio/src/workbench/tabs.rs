use leptos::prelude::*;

use crate::{browser, language::t, store::Store};

/// A panel beside the preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    Edit,
    Texts,
    Json,
    Look,
    Check,
    Hear,
    Notes,
    Share,
}

impl Panel {
    const ALL: [Self; 8] = [
        Self::Edit,
        Self::Texts,
        Self::Json,
        Self::Look,
        Self::Check,
        Self::Hear,
        Self::Notes,
        Self::Share,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Edit => "Edit",
            Self::Texts => "Texts",
            Self::Json => "JSON",
            Self::Look => "Look",
            Self::Check => "Check",
            Self::Hear => "Hear",
            Self::Notes => "Notes",
            Self::Share => "Share",
        }
    }

    /// The id of its tab.
    pub fn tab_id(self) -> String {
        format!("tab-{}", self.label())
    }
}

/// The tabs of the panels. One tab is a stop of the Tab key; the arrow keys move between tabs (WAI-ARIA
/// APG, tabs).
#[component]
pub fn Tabs(panel: RwSignal<Panel>) -> impl IntoView {
    let store = expect_context::<Store>();
    let findings = Memo::new(move |_| store.findings.read().len());
    let notes =
        Memo::new(move |_| store.fixture.read().notes.iter().filter(|it| !it.resolved).count());
    let move_focus = move |event: leptos::ev::KeyboardEvent| {
        let at = Panel::ALL.iter().position(|it| *it == panel.get_untracked()).unwrap_or_default();
        let count = Panel::ALL.len();
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % count,
            "ArrowLeft" => (at + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        panel.set(Panel::ALL[next]);
        browser::focus(&Panel::ALL[next].tab_id());
    };
    view! {
        <div class="tabs" role="tablist" aria-label=t("Settings") on:keydown=move_focus>
            {Panel::ALL.map(|it| view! {
                <button
                    class="tabs__tab"
                    role="tab"
                    id=it.tab_id()
                    aria-controls="panel"
                    aria-selected=move || if panel.get() == it { "true" } else { "false" }
                    tabindex=move || if panel.get() == it { "0" } else { "-1" }
                    on:click=move |_| panel.set(it)
                >
                    {t(it.label())}
                    {(it == Panel::Check).then(|| view! { <Count of=findings /> })}
                    {(it == Panel::Notes).then(|| view! { <Count of=notes /> })}
                </button>
            }).collect_view()}
        </div>
    }
}

#[component]
fn Count(of: Memo<usize>) -> impl IntoView {
    view! {
        <Show when=move || of.get() != 0>
            " " <span class="tabs__count">{of}</span>
        </Show>
    }
}
