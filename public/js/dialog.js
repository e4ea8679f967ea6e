// A link with data-dialog opens the form of its page over the page one is on. Without this, or when there is no such
// form (a confirmation is asked for first, the session is over), the link leads where it says.
const FIELD = 'input:not([type="hidden"]), select, textarea';

async function partOf(link) {
  const answer = await window.fetch(link.href, { redirect: 'manual' });
  if (!answer.ok) return null;
  const page = new window.DOMParser().parseFromString(await answer.text(), 'text/html');
  return page.querySelector('[data-dialog-part]');
}

function closeButton(dialog) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'dialog-close';
  button.setAttribute('aria-label', 'Close');
  button.textContent = '×';
  button.addEventListener('click', () => dialog.close());
  return button;
}

function openOver(link, part) {
  const dialog = document.createElement('dialog');
  dialog.className = 'dialog';
  dialog.setAttribute('aria-labelledby', 'dialog-title');
  const heading = document.createElement('h2');
  heading.id = 'dialog-title';
  heading.textContent = part.getAttribute('aria-label');
  const header = document.createElement('div');
  header.className = 'dialog-header';
  header.append(heading, closeButton(dialog));
  dialog.append(header, ...[...part.children].map((child) => document.importNode(child, true)));
  // A question has its words in a heading, which stands above now.
  dialog.querySelectorAll('h1').forEach((repeated) => repeated.remove());
  // Of a question that has no field a reader speaks what is named here: what will happen, before the buttons.
  const words = dialog.querySelector(FIELD) ? [] : [...dialog.querySelectorAll('form > p')];
  for (const [at, line] of words.entries()) line.id = `dialog-words-${at}`;
  if (words.length > 0) dialog.setAttribute('aria-describedby', words.map(({ id }) => id).join(' '));
  // The browser closes it on Escape; unsaved.js asks where something was typed.
  dialog.addEventListener('close', () => {
    dialog.remove();
    link.focus();
  });
  dialog.addEventListener('click', (event) => {
    if (!event.target.closest('.form-actions a[href]')) return;
    event.preventDefault();
    dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector(FIELD)?.focus();
  document.dispatchEvent(new window.CustomEvent('dialog-part'));
}

document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('a[data-dialog]');
  if (
    !link ||
    event.defaultPrevented ||
    event.button !== 0 ||
    event.ctrlKey ||
    event.metaKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  event.preventDefault();
  if (document.querySelector('dialog[open]')) return;
  let part = null;
  try {
    part = await partOf(link);
  } catch {
    // No answer: the link itself says better what is wrong.
  }
  if (part) openOver(link, part);
  else window.location.assign(link.href);
});
