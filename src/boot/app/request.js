// Loads the request of the challenge while the app downloads. The app takes the response from here.
let answer = renderedAnswer?.textContent ?? undefined;
/** @type {Promise<void> | undefined} */
let loading;

/** The languages on offer: `ko=한국어;en=English`. Between two `;` there was one that is gone. */
const languages =
  document.querySelector("meta[name=languages]")?.getAttribute("content") ?? "";

/**
 * The language on offer for one of the browser, by language and script: `zh-Hant` for `zh-TW`.
 * @param {string} wanted
 */
const offeredFor = (wanted) => {
  /** @param {string} tag */
  const written = (tag) => {
    const { language, script } = new Intl.Locale(tag).maximize();
    return language + script;
  };
  const tags = languages.split(";").map((entry) => entry.split("=")[0]).filter(Boolean);
  if (tags.includes(wanted)) return wanted;
  return tags.find((tag) => written(tag) === written(wanted));
};

/**
 * Adds the style sheet of the service's look, which a rendered page has in it.
 * @param {Response} response
 */
const addLook = ({ headers }) => {
  const path = /^<(\/look\/[\w-]+\.css)>/.exec(headers.get("link") ?? "");
  if (!path) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = path[1];
  document.head.append(sheet);
};

if (!isRendered) {
  root.lang = (navigator.languages || []).map(offeredFor).find(Boolean) || "ko";

  const challenge = /^\/consent\/([A-Za-z0-9_.~-]{1,512})$/.exec(location.pathname);
  if (challenge) {
    const api = "/api/v1/consents/" + challenge[1];
    // An error here occurs again when the app loads the request, and the app has a text for it.
    loading = fetch(api)
      .then((response) => {
        addLook(response);
        return response.ok ? response.text() : undefined;
      })
      .then((text) => {
        answer = text;
      })
      .catch(() => {});
    /** @type {NodeListOf<HTMLFormElement>} */
    const cancelForms = document.querySelectorAll("form[data-cancel]");
    for (const form of cancelForms) form.action = api + "/decision";
  }
}

/** Noted now: translation tools change it. */
const language = root.lang;
/** The screen's own texts in the language of the page: public/texts/. */
let texts = "";
const loadTexts = async () => {
  const response = await fetch(`/texts/${language}.json`);
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  texts = await response.text();
  // A host with one page for every address sends that: better known now than by the app.
  const { direction } = JSON.parse(texts);
  if (!isRendered) root.dir = direction;
};
