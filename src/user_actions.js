// Lets nothing but the user's own actions change or send an answer. Extensions, form fillers and
// scripts that answer consent banners act in this page, too. Trunk puts this into index.html as the
// first script, so that it runs before the form is there and no action goes by unnoticed. Until the
// app is mounted, it looks after the form that the server rendered; then the app compares its own
// controls with its state (src/consent/controls.rs).
//
// Browsers mark as trusted what a user does, by pointer, keyboard, assistive technology or voice
// control, and what follows from it. What a script does is untrusted: element.click(), or an event
// that it makes.
{
  const at = (id) => document.getElementById(id);
  const listen = (types, call) => {
    for (const type of types.split(" ")) addEventListener(type, call, true);
  };
  const stop = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const within = (event, selector) => event.target.closest?.(selector);

  // The form as the server rendered it. None once the app is mounted, and in the static shell.
  const rendered = () => document.querySelector("#shell #consent-form");

  // The form's fields have ids that follow from their names, see src/consent/form.rs. Anything else
  // in the form is none of ours, whatever it is called.
  const ID_OF = {
    __proto__: null,
    agree: ({ type, value }) => type === "checkbox" && value,
    shown: ({ value }) => "shown:" + value.split(" ")[0],
    told: ({ value }) => "told:" + value,
  };
  for (const name of ["agree_all", "csrf_token", "language", "locale", "personal_info_digest"]) {
    ID_OF[name] = () => name.replace(/_/g, "-");
  }
  const isOurs = (it) => {
    const { name, id } = it;
    const expected = name.startsWith("value:") ? name : ID_OF[name]?.(it);
    return id !== "" && id === expected;
  };

  // The fields as they arrived. Of two with the same id, it is the one that the server sent; where
  // that is not known, it is neither.
  const arrived = new WeakSet();
  const fields = () => [
    ...document.querySelectorAll("#consent-form :is(input, select), :is(input, select)[form=consent-form]"),
  ];
  const ours = () => {
    const all = fields().filter(isOurs);
    const chosen = new Map();
    for (const it of all) {
      const other = chosen.get(it.id);
      const isFirst = other === undefined || (arrived.has(it) && !arrived.has(other));
      if (isFirst) chosen.set(it.id, it);
      else if (!other || arrived.has(it) || !arrived.has(other)) chosen.set(it.id, null);
    }
    return all.filter((it) => chosen.get(it.id) === it);
  };
  const boxes = () => ours().filter((it) => it.name === "agree");

  // What the user made of each box. What the server rendered as ticked was ticked in the form before.
  const choices = new WeakMap();
  const choice = (box) => choices.get(box) ?? "ticked" in box.dataset;

  // "Agree to all" ticks what it stands for, which the boxes themselves say, and shows what they are.
  // The app knows the rule.
  const follow = (covered = boxes().filter((it) => "all" in it.dataset)) => {
    const all = at("agree-all");
    if (!all) return;
    const ticked = covered.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === covered.length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  document.addEventListener("readystatechange", () => {
    if (document.readyState !== "interactive" || !rendered()) return;
    for (const it of fields()) arrived.add(it);
    follow();
  });

  listen("input change", (event) => {
    const box = event.target;
    if (box.type !== "checkbox" || !rendered()?.contains(box)) return;
    if (!event.isTrusted) {
      box.checked = choice(box);
      stop(event);
      follow();
    } else if (event.type === "change") {
      choices.set(box, box.checked);
      const covered = boxes().filter((it) => "all" in it.dataset);
      if (box.id === "agree-all") {
        for (const it of covered) choices.set(it, (it.checked = box.checked));
      }
      follow(covered);
    }
  });

  // The button that the user is pressing.
  let pressed;
  listen("click", (event) => {
    if (event.isTrusted) {
      pressed = within(event, "button");
      // A form is sent in the same task as the click that sends it.
      setTimeout(() => (pressed = undefined));
    } else if (within(event, "#consent-form :is(label, input[type=checkbox], .agree-all button)")) {
      stop(event);
    }
  });
  // Some engines make a trusted click of a key that a script presses.
  listen("keydown keypress keyup", (event) => {
    if (!event.isTrusted && within(event, "#consent-form")) stop(event);
  });

  // Puts the boxes back to what the user made of them; where the page shows less, less is what holds.
  // Whether there was anything to put back.
  const restore = () => {
    let altered = false;
    for (const box of boxes()) {
      const made = choice(box);
      if (box.indeterminate || box.checked !== made) altered = true;
      box.checked = box.checked && made;
      box.indeterminate = false;
      choices.set(box, box.checked);
    }
    follow();
    return altered;
  };

  listen("submit", (event) => {
    if (event.target !== at("consent-form")) return;
    const button = event.submitter || pressed;
    const answers = ["agree-button", "agree-on-enter", "required_only"].includes(button?.id);
    const shows = button?.id === "show" || button?.id.startsWith("read:");
    if (!shows && !(answers && button === pressed)) return stop(event);
    if (!rendered()) return;
    const altered = restore();
    // The browser sends what has a name and is not disabled.
    const sent = new Set(ours());
    for (const it of document.querySelectorAll("#consent-form [name], [name][form=consent-form]")) {
      if (!sent.has(it) && !it.matches("button")) it.disabled = true;
    }
    if (!altered || shows) return;
    // The server has the words for it.
    stop(event);
    const told = document.createElement("input");
    Object.assign(told, { type: "hidden", name: "told", value: "restored", id: "told:restored" });
    at("agree-button").after(told);
    // A form that is being submitted is not submitted by anything else.
    setTimeout(() => at("show").click());
  });

  window.userActions = {
    // Names and values of the fields, with the boxes that the user ticked and that show it.
    fields: () =>
      ours()
        .filter((it) => it.type !== "checkbox" || (it.name === "agree" && it.checked && choice(it)))
        .map(({ name, value }) => [name, value]),
  };
}
