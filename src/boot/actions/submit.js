// Only the user's own actions submit the form.
//
// Extensions, form fillers and scripts that answer consent banners act in this page, too. Browsers
// mark as trusted what a user does by pointer, keyboard, assistive technology or voice control, and
// what follows from it. element.click() and events made by a script are untrusted.

/**
 * The button that the user is clicking.
 * @type {HTMLButtonElement | undefined}
 */
let clicked;

addEventListener(
  "click",
  (event) => {
    if (event.isTrusted) {
      clicked = /** @type {HTMLButtonElement | undefined} */ (closest(event, "button") ?? undefined);
      // A form is submitted in the same task as the click that submits it.
      setTimeout(() => (clicked = undefined));
    } else if (
      closest(event, "#consent-form :is(label, input[type=checkbox], .agree-all button)")
    ) {
      block(event);
    }
  },
  true,
);

// Some engines make a trusted click of a key press that a script makes.
for (const type of ["keydown", "keypress", "keyup"]) {
  addEventListener(
    type,
    (event) => {
      if (!event.isTrusted && closest(event, "#consent-form")) block(event);
    },
    true,
  );
}

const DECIDES = ["agree-button", "agree-on-enter", "required_only"];

addEventListener(
  "submit",
  (event) => {
    if (event.target !== document.getElementById("consent-form")) return;
    const button = event.submitter || clicked;
    const decides = DECIDES.includes(button?.id ?? "");
    const shows = button?.id === "show" || button?.id.startsWith("read:");
    if (!shows && !(decides && button === clicked)) return block(event);
    if (!rendered()) return;
    const altered = restoreChoices();
    disableForeignFields();
    if (!altered || shows) return;
    // The server has the text for it.
    block(event);
    const notice = document.createElement("input");
    const field = { type: "hidden", name: "told", value: "restored", id: "told:restored" };
    Object.assign(notice, field);
    document.getElementById("agree-button")?.after(notice);
    // A form cannot be submitted while it is being submitted.
    setTimeout(() => document.getElementById("show")?.click());
  },
  true,
);

/** The browser submits fields with a name that are not disabled. */
const disableForeignFields = () => {
  /** @type {Set<Element>} */
  const ours = new Set(ourFields());
  /** @type {NodeListOf<HTMLInputElement>} */
  const named = document.querySelectorAll("#consent-form [name], [name][form=consent-form]");
  for (const field of named) {
    if (!ours.has(field) && !field.matches("button")) field.disabled = true;
  }
};

window.userActions = {
  fields: () =>
    ourFields()
      .filter((field) => {
        if (!(field instanceof HTMLInputElement) || field.type !== "checkbox") return true;
        return field.name === "agree" && field.checked && choiceOf(field);
      })
      .map(({ name, value }) => [name, value]),
};
