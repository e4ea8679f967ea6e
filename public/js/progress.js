// How far something is, without reloading by hand: asks for the page again, and shows what it says now. At the end the
// whole page is loaded once more.
const EVERY = 1000;

// The elements stay, so that whoever stands on a link keeps it, and a reader hears one bar that moves.
function show(part, now) {
  const fresh = now.querySelectorAll('[data-now]');
  part.querySelectorAll('[data-now]').forEach((one, at) => {
    const other = fresh[at];
    if (!other) return;
    if (one.matches('progress')) Object.assign(one, { max: other.max, value: other.value });
    else if (one.textContent !== other.textContent) one.textContent = other.textContent;
  });
}

// Spoken at each quarter, and not each second.
function speaker(part) {
  const bar = part.querySelector('progress');
  const status = part.appendChild(document.createElement('p'));
  status.className = 'visually-hidden';
  status.setAttribute('role', 'status');
  const quarter = () => Math.floor(bar.position * 4);
  let said = quarter();
  return () => {
    if (quarter() > said) status.textContent = bar.labels[0].textContent;
    said = quarter();
  };
}

async function follow(part) {
  const speak = speaker(part);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    const answer = await fetch(globalThis.location.href, { headers: { Accept: 'text/html' } }).catch(() => null);
    // Who may see it no more, or where it is no more, is told so, and not shown for ever how far it was.
    if (answer?.status === 403 || answer?.status === 404) {
      globalThis.location.reload();
      return;
    }
    // The server may be starting again: what it is at goes on when it is back.
    if (!answer?.ok) continue;
    const page = new globalThis.DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.querySelector('[data-progress]');
    if (!now) {
      globalThis.location.reload();
      return;
    }
    show(part, now);
    speak();
  }
}

document.querySelectorAll('[data-progress]').forEach(follow);
