// How far something is, without reloading by hand: asks for the page again, and shows that part of it. At the end the
// whole page is loaded once more.
const EVERY = 1000;

async function follow(part) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    const answer = await fetch(globalThis.location.href, { headers: { Accept: 'text/html' } }).catch(() => null);
    // The server may be starting again: what it is at goes on when it is back.
    if (!answer?.ok) continue;
    const page = new globalThis.DOMParser().parseFromString(await answer.text(), 'text/html');
    const now = page.querySelector('[data-progress]');
    if (!now) {
      globalThis.location.reload();
      return;
    }
    part.replaceChildren(...now.childNodes);
  }
}

document.querySelectorAll('[data-progress]').forEach(follow);
