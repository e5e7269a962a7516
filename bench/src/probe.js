// Watches a page from before its first byte. Runs before the page's own scripts; BOXES is put in
// front of it: how many boxes the page must have to be usable.
//
// All times are milliseconds since the navigation began, as performance.now() has them.
window.bench = { boxes: BOXES, ready: null, usable: null, mounted: null, shift: 0, moved: 0 };
(() => {
  const bench = window.bench;
  let painted = null;
  let places = new Map();
  let touched = false;

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.name === "first-contentful-paint") painted = entry.startTime;
    }
    tellUsable();
  }).observe({ type: "paint", buffered: true });

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) bench.shift += entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });

  const works = (control) =>
    !control.disabled && control.getAttribute("aria-disabled") !== "true" && control.checkVisibility();
  const all = () => document.querySelectorAll("input[name=agree]");
  const isReady = () => {
    const boxes = all();
    if (boxes.length !== bench.boxes) return false;
    const agree = document.querySelector("button[name=decision][value=agree]");
    return agree !== null && works(agree) && [...boxes].every(works);
  };

  // Usable is the first frame in which everything is there, and never before anything was painted.
  function tellUsable() {
    if (bench.usable === null && bench.ready !== null && painted !== null) {
      bench.painted = painted;
      bench.usable = Math.max(bench.ready, painted);
      benchTold("usable");
    }
  }

  // Where the boxes stand. What moves while the app takes over, with nobody touching anything, is
  // a shift; the browser's own count leaves out what happens within half a second of a click.
  const note = () => new Map([...all()].map((box) => [box.id, box.getBoundingClientRect().top + scrollY]));
  function compare() {
    const now = note();
    for (const [id, top] of now) {
      const before = places.get(id);
      if (before !== undefined) bench.moved = Math.max(bench.moved, Math.abs(top - before));
    }
  }

  function frame(time) {
    if (bench.ready === null && isReady()) {
      bench.ready = time;
      tellUsable();
    }
    if (bench.mounted === null && document.documentElement?.dataset.app === "mounted") {
      bench.mounted = time;
      if (bench.watchPlaces && !touched) compare();
      benchTold("mounted");
    }
    if (bench.watchPlaces && bench.mounted === null) places = note();
    touched = false;
    // No frames are asked for once there is nothing to wait for: they would slow the page down.
    if (bench.ready === null || (bench.takesOver && bench.mounted === null)) {
      requestAnimationFrame(frame);
    }
  }
  requestAnimationFrame(frame);

  const touch = () => { touched = true; };
  for (const kind of ["pointerdown", "click", "input"]) addEventListener(kind, touch, true);

  addEventListener("click", (event) => {
    const target = event.target;
    if (!event.isTrusted || !(target instanceof Element)) return;
    if (target.closest("button[name=decision]")) {
      benchTold(`pressed ${event.timeStamp}`);
    } else if (bench.timeTicks && target.matches("input[name=agree]")) {
      // A message that is posted in a frame arrives once that frame was drawn.
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = () => benchTold(`drawn ${performance.now() - event.timeStamp}`);
      requestAnimationFrame(() => port1.postMessage(null));
    }
  }, true);
})();
