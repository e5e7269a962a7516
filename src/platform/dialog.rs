//! The native modal dialog: it traps the focus, closes on Escape, makes the rest inert, and gives
//! the focus back to what opened it. None of that is worth writing again.

use web_sys::HtmlDialogElement;

/// Opens or closes it; does nothing when it already is what is asked for.
pub fn set_open(dialog: &HtmlDialogElement, open: bool) {
    if open && !dialog.open() {
        // Fails only for a dialog that is not in the document any more.
        drop(dialog.show_modal());
    } else if !open && dialog.open() {
        dialog.close();
    }
}
