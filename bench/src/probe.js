// Watches a page from before its first byte. Runs before the page's own scripts; BOXES is put in
// front of it: how many boxes the page must have to be usable.
//
// All times are milliseconds since the navigation began, as performance.now() has them.
window.bench = { boxes: BOXES, ready: null, usable: null, mounted: null, shift: 0, moved: 0 };
(() => {
  const bench = window.bench;
  let firstPaint = null;
  let places = new Map();
  let touched = false;

  const shown = [];
  for (const type of ["paint", "largest-contentful-paint"]) {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.name === "first-contentful-paint") bench.firstPaint = firstPaint = entry.startTime;
        if (entry.name !== "first-paint") shown.push(entry.startTime);
      }
      reportUsable();
    }).observe({ type, buffered: true });
  }

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) bench.shift += entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });

  const works = (control) =>
    !control.disabled && control.getAttribute("aria-disabled") !== "true" && control.checkVisibility();
  const all = () => document.querySelectorAll("[data-row] input[type=checkbox]");
  const isReady = () => {
    const boxes = all();
    if (boxes.length !== bench.boxes) return false;
    const agree = document.querySelector(".actions__buttons .button--primary");
    return agree !== null && works(agree) && [...boxes].every(works);
  };

  // Usable is when the first frame with everything in it is on the display: the first contentful
  // paint, or the paint of something larger than before, since everything was there. A frame with
  // neither has only small news; its own time is taken then.
  function reportUsable(waited) {
    if (bench.usable !== null || bench.ready === null || firstPaint === null) return;
    const displayed = shown.filter((time) => time >= bench.ready).sort((a, b) => a - b)[0];
    if (displayed === undefined && !waited) return;
    bench.usable = displayed ?? bench.ready;
    benchReport("usable");
  }

  // Where the boxes stand. What moves while the app mounts, without any input, is
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
      reportUsable();
      setTimeout(() => reportUsable(true), 2000);
    }
    if (bench.mounted === null && document.documentElement?.dataset.app === "mounted") {
      bench.mounted = time;
      if (bench.watchPlaces && !touched) compare();
      benchReport("mounted");
    }
    // Before the first paint, no movement is visible.
    if (bench.watchPlaces && bench.mounted === null && firstPaint !== null) places = note();
    touched = false;
    // No frames are asked for once there is nothing to wait for: they would slow the page down.
    if (bench.ready === null || (bench.mounts && bench.mounted === null)) {
      requestAnimationFrame(frame);
    }
  }
  requestAnimationFrame(frame);

  const touch = () => { touched = true; };
  for (const kind of ["pointerdown", "click", "input"]) addEventListener(kind, touch, true);

  addEventListener("click", (event) => {
    const target = event.target;
    if (!event.isTrusted || !(target instanceof Element)) return;
    if (target.closest(".actions__buttons .button--primary")) {
      benchReport(`pressed ${event.timeStamp}`);
    } else if (bench.timeTicks && target.matches("[data-row] input[type=checkbox]")) {
      // A message that is posted in a frame arrives once that frame was drawn.
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = () => benchReport(`drawn ${performance.now() - event.timeStamp}`);
      requestAnimationFrame(() => port1.postMessage(null));
    }
  }, true);
})();
