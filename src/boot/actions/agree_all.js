// The checkboxes before the app is mounted: only the user's own actions change them, and agree-all
// follows the items that it covers.

/**
 * The user's own choice for each checkbox. What the server rendered as checked was checked in the
 * form before.
 * @type {WeakMap<HTMLInputElement, boolean>}
 */
const choices = new WeakMap();

/** @param {HTMLInputElement} box */
const choiceOf = (box) => choices.get(box) ?? "ticked" in box.dataset;

/** The checkboxes that agree-all covers. */
const coveredByAll = () => checkboxes().filter((box) => "all" in box.dataset);

const agreeAllBox = () =>
  /** @type {HTMLInputElement | null} */ (document.getElementById("agree-all"));

/** Shows in agree-all what the items are. */
const updateAgreeAll = (covered = coveredByAll()) => {
  const all = agreeAllBox();
  if (!all) return;
  const checked = covered.filter((box) => box.checked).length;
  all.checked = checked > 0 && checked === covered.length;
  all.indeterminate = checked > 0 && !all.checked;
};

document.addEventListener("readystatechange", () => {
  if (document.readyState !== "interactive" || !rendered()) return;
  for (const field of allFields()) arrived.add(field);
  updateAgreeAll();
});

/** @param {Event} event */
const onChange = (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
  if (!rendered()?.contains(box)) return;
  if (!event.isTrusted) {
    box.checked = choiceOf(box);
    block(event);
    updateAgreeAll();
  } else if (event.type === "change") {
    choices.set(box, box.checked);
    const covered = coveredByAll();
    if (box.id === "agree-all") {
      for (const item of covered) choices.set(item, (item.checked = box.checked));
    }
    updateAgreeAll(covered);
  }
};
addEventListener("input", onChange, true);
addEventListener("change", onChange, true);

/**
 * Resets the checkboxes to the user's own choices. An item that the page shows as unchecked stays
 * unchecked. Returns whether there was anything to reset.
 */
const restoreChoices = () => {
  let altered = false;
  for (const box of checkboxes()) {
    const choice = choiceOf(box);
    if (box.indeterminate || box.checked !== choice) altered = true;
    box.checked = box.checked && choice;
    box.indeterminate = false;
    choices.set(box, box.checked);
  }
  updateAgreeAll();
  return altered;
};
