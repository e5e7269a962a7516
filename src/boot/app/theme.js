// The theme does not block rendering: a style sheet that never loads would keep the page white.
const theme = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[media]"));
if (theme) {
  theme.onload = () => (theme.media = "all");
  if (theme.sheet) theme.media = "all";
}
