// Closing a window inside of the messenger. Windows that no script opened are closed by
// window.close() in few browsers; then the messenger's own address is tried; then it is said how.
const button = document.querySelector("[data-close]");
button.hidden = false;
button.addEventListener("click", () => {
  window.close();
  const { close } = button.dataset;
  if (close) setTimeout(() => location.assign(close), 200);
  // Written then and not before: what appears in a status is read out, what it held before is not.
  const how = button.nextElementSibling;
  setTimeout(() => (how.textContent = how.dataset.how), 1200);
});
