// The studio has one page, in its folder. Who opens another of its addresses is led to that page, with the path in
// the query; here the address becomes what it was.
const address = new URL(location.href);
const at = address.searchParams.get("at");
if (at === null) {
  address.pathname = address.pathname.replace(/\/index\.html$/, "/");
} else {
  address.searchParams.delete("at");
  address.pathname = page.dataset.root + at;
}
if (address.href !== location.href) history.replaceState(null, "", address);
// The page's own address of it is relative, and the page gets other addresses.
document.querySelector("link[rel=icon]").href = new URL("icon.svg", js).href;
