//! Roles: HTML-AAM 1.0, for the elements of the screen.

use web_sys::Element;

/// What an element is to a screen reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Announced with its name; what is inside is not announced again.
    Leaf(&'static str),
    /// Announced, and then what is inside.
    Around(&'static str),
    /// Not announced itself. A block is a stop of its own for its text.
    Text { is_block: bool },
    /// Announced with another element, or not at all.
    Silent,
}

/// The role of an element. `is_named`: whether its author has named it, `is_block`: whether it is drawn as
/// a block, `is_in_section`: whether it is inside `main` or a sectioning element.
pub fn role(element: &Element, is_named: bool, is_block: bool, is_in_section: bool) -> Role {
    let tag = element.local_name();
    let explicit = element.get_attribute("role").unwrap_or_default();
    let kind = element.get_attribute("type").unwrap_or_default();
    of(&Source { tag: &tag, explicit: &explicit, kind: &kind, is_named, is_block, is_in_section })
}

struct Source<'a> {
    tag: &'a str,
    /// The attribute `role`.
    explicit: &'a str,
    /// The attribute `type`.
    kind: &'a str,
    is_named: bool,
    is_block: bool,
    is_in_section: bool,
}

fn of(it: &Source<'_>) -> Role {
    match it.explicit {
        "" => {}
        "none" | "presentation" => return Role::Text { is_block: it.is_block },
        "status" => return Role::Around("status"),
        "alert" => return Role::Around("alert"),
        "group" => return Role::Around("group"),
        "region" if it.is_named => return Role::Around("region"),
        "list" => return Role::Around("list"),
        "img" => return Role::Leaf("image"),
        "progressbar" => return Role::Leaf("progressbar"),
        "button" => return Role::Leaf("button"),
        _ => {}
    }
    match it.tag {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Role::Leaf("heading"),
        "a" => Role::Leaf("link"),
        "button" => Role::Leaf("button"),
        "summary" => Role::Leaf("disclosure"),
        "select" => Role::Leaf("combobox"),
        "textarea" => Role::Leaf("textbox"),
        "input" => match it.kind {
            "checkbox" => Role::Leaf("checkbox"),
            "radio" => Role::Leaf("radio"),
            "submit" | "button" | "reset" => Role::Leaf("button"),
            "hidden" => Role::Silent,
            "date" => Role::Leaf("date"),
            _ => Role::Leaf("textbox"),
        },
        "img" => Role::Leaf("image"),
        "main" => Role::Around("main"),
        "nav" => Role::Around("navigation"),
        "aside" => Role::Around("complementary"),
        "header" if !it.is_in_section => Role::Around("banner"),
        "footer" if !it.is_in_section => Role::Around("contentinfo"),
        "section" if it.is_named => Role::Around("region"),
        "form" if it.is_named => Role::Around("form"),
        "fieldset" | "details" => Role::Around("group"),
        "dialog" => Role::Around("dialog"),
        "ul" | "ol" => Role::Around("list"),
        "table" => Role::Around("table"),
        // Each is announced with the element that it names.
        "legend" | "caption" => Role::Silent,
        "script" | "style" | "template" | "noscript" | "svg" | "option" | "datalist" => {
            Role::Silent
        }
        _ => Role::Text { is_block: it.is_block },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role_of(tag: &str, explicit: &str, kind: &str, is_named: bool, is_in_section: bool) -> Role {
        of(&Source { tag, explicit, kind, is_named, is_block: true, is_in_section })
    }

    #[test]
    fn a_landmark_needs_a_name_or_a_place() {
        assert_eq!(role_of("section", "", "", true, true), Role::Around("region"));
        assert_eq!(role_of("section", "", "", false, true), Role::Text { is_block: true });
        assert_eq!(role_of("form", "", "", false, true), Role::Text { is_block: true });
        assert_eq!(role_of("header", "", "", false, false), Role::Around("banner"));
        assert_eq!(role_of("header", "", "", false, true), Role::Text { is_block: true });
        assert_eq!(role_of("div", "region", "", false, true), Role::Text { is_block: true });
    }

    #[test]
    fn an_input_is_what_its_type_is() {
        for (kind, role) in [
            ("checkbox", Role::Leaf("checkbox")),
            ("submit", Role::Leaf("button")),
            ("hidden", Role::Silent),
            ("email", Role::Leaf("textbox")),
            ("", Role::Leaf("textbox")),
        ] {
            assert_eq!(role_of("input", "", kind, false, true), role, "{kind}");
        }
        assert_eq!(role_of("ul", "presentation", "", false, true), Role::Text { is_block: true });
    }
}
