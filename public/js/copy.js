// Copies, saves or prints what stands in an element; without it people select the text themselves.
for (const part of document.querySelectorAll('[data-script-only]')) part.hidden = false;

function textOf(id) {
  const target = document.getElementById(id);
  const items = [...target.querySelectorAll('li')];
  return (items.length > 0 ? items.map((item) => item.textContent.trim()).join('\n') : target.textContent).trim();
}

function selectText(id) {
  const range = document.createRange();
  range.selectNodeContents(document.getElementById(id));
  window.getSelection().removeAllRanges();
  window.getSelection().addRange(range);
}

function say(button, words) {
  const status = button.parentElement.querySelector('[role="status"]');
  if (!status) return;
  status.textContent = words;
  setTimeout(() => (status.textContent = ''), 4000);
}

async function copy(button) {
  const id = button.dataset.copyTarget;
  try {
    await navigator.clipboard.writeText(textOf(id));
    say(button, 'Copied');
  } catch {
    // No clipboard on a page without https: leave the text selected for Ctrl+C.
    selectText(id);
    say(button, 'Selected: copy it with your keyboard');
  }
}

function download(button) {
  const link = document.createElement('a');
  const { fileHeading: heading, downloadTarget } = button.dataset;
  const text = `${heading ? `${heading}\n\n` : ''}${textOf(downloadTarget)}\n`;
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  link.download = button.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  say(button, 'Saved');
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button');
  if (button?.dataset.copyTarget) void copy(button);
  if (button?.dataset.downloadTarget) download(button);
  if (button && 'print' in button.dataset) window.print();
});
