//! The native modal dialog: it traps the focus, closes on Escape, makes the rest inert, and gives
//! the focus back to what opened it. None of that is worth writing again.

use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

/// Opens or closes the dialog with this id; does nothing when it already is what is asked for.
pub fn set_open(id: &str, open: bool) {
    let element = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id));
    let Some(dialog) = element.and_then(|element| element.dyn_into::<HtmlDialogElement>().ok())
    else {
        return;
    };
    if open && !dialog.open() {
        // Fails only for a dialog that is not in the document any more.
        drop(dialog.show_modal());
    } else if !open && dialog.open() {
        dialog.close();
    }
}
