// The fields of the consent form.

/** @typedef {HTMLInputElement | HTMLSelectElement} Field */

/** The form as the server rendered it. None once the app is mounted, and in the static shell. */
const rendered = () => document.querySelector("#shell #consent-form");

/**
 * The id of a field follows from its name (src/consent/hidden_fields.rs). A field whose id does not
 * was inserted by an extension, whatever its name.
 * @type {Record<string, (field: Field) => string | false>}
 */
const ID_OF = Object.assign(Object.create(null), {
  agree: (/** @type {Field} */ { type, value }) => type === "checkbox" && value,
  shown: (/** @type {Field} */ { value }) => "shown:" + value.split(" ")[0],
  told: (/** @type {Field} */ { value }) => "told:" + value,
});
for (const name of ["agree_all", "csrf_token", "language", "locale", "personal_info_digest"]) {
  ID_OF[name] = () => name.replace(/_/g, "-");
}

/** @param {Field} field */
const isOurs = (field) => {
  const { name, id } = field;
  const expected = name.startsWith("value:") ? name : ID_OF[name]?.(field);
  return id !== "" && id === expected;
};

/** @returns {NodeListOf<Field>} */
const allFields = () =>
  document.querySelectorAll(
    "#consent-form :is(input, select), :is(input, select)[form=consent-form]",
  );

/** The fields as the server sent them. */
const arrived = new WeakSet();

/**
 * The fields of the form. Of two with the same id, the one that the server sent; neither, where that
 * is unknown.
 */
const ourFields = () => {
  const fields = [...allFields()].filter(isOurs);
  const hasArrived = (/** @type {Field | null | undefined} */ field) =>
    field ? arrived.has(field) : false;
  /** @type {Map<string, Field | null>} */
  const chosen = new Map();
  for (const field of fields) {
    const other = chosen.get(field.id);
    if (other === undefined || (hasArrived(field) && !hasArrived(other))) {
      chosen.set(field.id, field);
    } else if (hasArrived(field) || !hasArrived(other)) {
      chosen.set(field.id, null);
    }
  }
  return fields.filter((field) => chosen.get(field.id) === field);
};

/** The checkboxes of the items. */
const checkboxes = () =>
  /** @type {HTMLInputElement[]} */ (ourFields().filter(({ name }) => name === "agree"));
