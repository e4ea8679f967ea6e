// Lets "3 minutes ago" run on while a page is open. By how long the page has been there: the clock of this machine may
// be wrong, that of the server is right.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const opened = Date.now();
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' });

// The same steps as the server's (server/http/times.ts).
function ago(distance) {
  const size = Math.abs(distance);
  if (size < MINUTE) return distance > 0 ? 'in a moment' : 'just now';
  const [length, unit] =
    size < HOUR
      ? [MINUTE, 'minute']
      : size < DAY
        ? [HOUR, 'hour']
        : size < 60 * DAY
          ? [DAY, 'day']
          : [30.44 * DAY, 'month'];
  return words.format(Math.trunc(distance / length), unit);
}

// What has come over the page since (a dialog) is a little younger, which nobody sees.
function run() {
  const gone = Date.now() - opened;
  for (const one of document.querySelectorAll('[data-since]')) {
    const text = ago(-(Number(one.dataset.since) + gone));
    if (one.textContent !== text) one.textContent = text;
  }
}

window.setInterval(run, MINUTE / 4);
// A page that was put aside runs no timers.
document.addEventListener('visibilitychange', () => document.hidden || run());
