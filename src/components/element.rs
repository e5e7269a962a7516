//! Elements as data: a tag, attributes and children, each of one type.
//!
//! Leptos's `view!` makes a type of its own of every element, and code for each of these types:
//! with it the screen was half as large again (see docs/adr/001-elements-as-data.md). What is
//! built here is still Leptos's: its elements, its attributes, its reactivity, on the server too.

use std::rc::Rc;

use leptos::{
    ev,
    html::{self, ElementChild},
    prelude::{AddAnyAttr, AnyView, IntoAny},
    reactive::effect::RenderEffect,
    tachys::{
        html::{
            attribute::{
                any_attribute::{AnyAttribute, IntoAnyAttribute},
                custom::custom_attribute,
            },
            event::on,
            property::{IntoProperty, prop},
        },
        renderer::types,
        view::iterators::StaticVec,
    },
};

use crate::platform::text;

/// Whether this is built for a server that paints, and what is drawn must work as it stands.
pub const PAINTS: bool = cfg!(feature = "ssr");

/// An element under construction.
// Boxed, so that each step of building passes a pointer and not a copy.
#[must_use]
pub struct Element(Box<Parts>);

struct Parts {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

/// Starts an element.
#[inline(never)]
pub fn el(tag: &'static str) -> Element {
    Element(Box::new(Parts { tag, attributes: Vec::new(), children: Vec::new() }))
}

/// Starts an element with a class.
#[inline(never)]
pub fn div(class: &'static str) -> Element {
    el("div").class(class)
}

impl Element {
    pub fn class(self, class: &'static str) -> Self {
        self.attr("class", class)
    }

    pub fn id(self, id: &str) -> Self {
        self.attr("id", id)
    }

    /// An attribute that stays as it is.
    // Not inlined, like others below: what is called a hundred times must be small to call.
    #[inline(never)]
    pub fn attr(mut self, name: &'static str, value: &str) -> Self {
        self.0.attributes.push(fixed(name, value.to_owned()));
        self
    }

    /// An attribute that is there or not, for as long as the element is.
    pub fn attr_if(self, there: bool, name: &'static str, value: &str) -> Self {
        if there { self.attr(name, value) } else { self }
    }

    /// An attribute for a browser that sends the form by itself: only in what a server paints.
    /// With WebAssembly nothing is sent like that, and the bundle is spared the code.
    pub fn form_attr(self, name: &'static str, value: &str) -> Self {
        self.attr_if(PAINTS, name, value)
    }

    /// An attribute that follows the state; none takes it away.
    pub fn live_attr(
        mut self,
        name: &'static str,
        value: impl Fn() -> Option<&'static str> + Send + 'static,
    ) -> Self {
        self.0.attributes.push(following(name, Box::new(value)));
        self
    }

    /// A true-or-false property of the DOM that follows the state.
    pub fn live_prop(
        mut self,
        name: &'static str,
        value: impl Fn() -> bool + Send + 'static,
    ) -> Self {
        self.0.attributes.push(property(name, Box::new(value)));
        self
    }

    /// Calls when the event happens.
    pub fn on(mut self, event: &'static str, call: impl FnMut(ev::Event) + 'static) -> Self {
        self.0.attributes.push(listener(event, Box::new(call)));
        self
    }

    /// Text as it is: never markup.
    #[inline(never)]
    pub fn text(mut self, text: &str) -> Self {
        // Leptos paints a space for nothing, and then the element is not empty any more.
        if !text.is_empty() {
            self.0.children.push(plain(text.to_owned()));
        }
        self
    }

    /// Text that follows the state, and all that the element holds.
    ///
    /// The element is written, never a text node in it: browser translation and extensions replace
    /// text nodes, and what is written to a node that left the page is not seen.
    pub fn live_text(mut self, text: impl Fn() -> String + Send + 'static) -> Self {
        if PAINTS {
            return self.text(&text());
        }
        self.0.attributes.push(following_text(Rc::new(text)));
        self
    }

    /// Calls with the element of the page, once it is built in a browser.
    pub fn on_built(mut self, call: impl Fn(&types::Element) + 'static) -> Self {
        self.0.attributes.push(as_built(Rc::new(move |element| {
            call(element);
            None
        })));
        self
    }

    pub fn child(self, child: impl Into<Child>) -> Self {
        self.maybe(child.into().0)
    }

    #[inline(never)]
    fn maybe(mut self, child: Option<AnyView>) -> Self {
        self.0.children.extend(child);
        self
    }

    pub fn children(mut self, children: impl IntoIterator<Item = AnyView>) -> Self {
        self.0.children.extend(children);
        self
    }

    /// The finished element.
    #[must_use]
    #[inline(never)]
    pub fn view(self) -> AnyView {
        let Parts { tag, attributes, children } = *self.0;
        match tag {
            // Void elements have no closing tag, which a server that paints must know.
            "input" => html::input().add_any_attr(attributes).into_any(),
            "img" => html::img().add_any_attr(attributes).into_any(),
            _ => {
                let children = StaticVec::from(children);
                html::custom(tag).child(children).add_any_attr(attributes).into_any()
            }
        }
    }
}

/// What an element holds: a view, an element, or nothing.
pub struct Child(Option<AnyView>);

impl From<AnyView> for Child {
    fn from(view: AnyView) -> Self {
        Self(Some(view))
    }
}

impl From<Element> for Child {
    fn from(element: Element) -> Self {
        Self(Some(element.view()))
    }
}

impl<T: Into<Self>> From<Option<T>> for Child {
    fn from(child: Option<T>) -> Self {
        child.map_or(Self(None), Into::into)
    }
}

/// A view that is built anew whenever a signal that it reads changes.
#[must_use]
pub fn live(view: impl Fn() -> Option<Element> + Send + 'static) -> AnyView {
    let view = move || view().map(Element::view);
    following_view(Box::new(view))
}

// From here on nothing is generic: each of these is in the bundle once.

fn fixed(name: &'static str, value: String) -> AnyAttribute {
    custom_attribute(name, value).into_any_attr()
}

fn following(
    name: &'static str,
    value: Box<dyn FnMut() -> Option<&'static str> + Send>,
) -> AnyAttribute {
    custom_attribute(name, value).into_any_attr()
}

fn property(name: &'static str, value: Box<dyn FnMut() -> bool + Send>) -> AnyAttribute {
    prop(name, value).into_any_attr()
}

fn listener(event: &'static str, call: Box<dyn FnMut(ev::Event)>) -> AnyAttribute {
    on(ev::Custom::<ev::Event>::new(event), call).into_any_attr()
}

fn plain(text: String) -> AnyView {
    text.into_any()
}

fn following_text(text: Rc<dyn Fn() -> String>) -> AnyAttribute {
    as_built(Rc::new(move |element| {
        let (text, element) = (text.clone(), element.clone());
        Some(RenderEffect::new(move |before: Option<String>| {
            let now = text();
            // What did not change is left alone, and so is its translation.
            if before.as_ref() != Some(&now) {
                text::set(&element, &now);
            }
            now
        }))
    }))
}

fn as_built(call: Rc<BuildCall>) -> AnyAttribute {
    prop("", AsBuilt(call)).into_any_attr()
}

type BuildCall = dyn Fn(&types::Element) -> Option<RenderEffect<String>>;

/// What is done with an element as it is built; what comes of it lives as long as the element.
#[derive(Clone)]
struct AsBuilt(Rc<BuildCall>);

impl IntoProperty for AsBuilt {
    type State = (types::Element, Option<RenderEffect<String>>);
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn hydrate<const FROM_SERVER: bool>(self, element: &types::Element, key: &str) -> Self::State {
        self.build(element, key)
    }

    fn build(self, element: &types::Element, _: &str) -> Self::State {
        (element.clone(), (self.0)(element))
    }

    fn rebuild(self, (element, effect): &mut Self::State, _: &str) {
        *effect = (self.0)(element);
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }
}

fn following_view(view: Box<dyn FnMut() -> Option<AnyView> + Send>) -> AnyView {
    view.into_any()
}
