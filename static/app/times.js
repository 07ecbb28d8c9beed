// Relative times stay true while a page is open; the exact one is in the title, in the browser's own zone.
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "long" });
const STEPS = [
  [90, "second", 1],
  [90 * 60, "minute", 60],
  [36 * 3600, "hour", 3600],
  [45 * 86400, "day", 86400],
  [Infinity, "month", 30 * 86400],
];

function paint() {
  for (const time of document.querySelectorAll("time[data-rel]")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    if (Math.abs(seconds) < 45) continue;
    const [, unit, size] = STEPS.find(([limit]) => Math.abs(seconds) < limit);
    time.textContent = words.format(Math.round(seconds / size), unit);
  }
}

setInterval(paint, 30_000);
document.addEventListener("visibilitychange", paint);
