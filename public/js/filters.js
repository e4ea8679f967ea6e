// Bulk selection in a table: a box that ticks all rows, and how many are chosen. Without it each row is ticked by hand.
function watchForm(form) {
  const boxes = [...form.querySelectorAll('tbody input[type="checkbox"][name="ids"]')];
  const corner = form.querySelector('thead .cell-select');
  if (boxes.length === 0 || !corner) return;

  const all = document.createElement('input');
  all.type = 'checkbox';
  all.className = 'form-check-input';
  all.setAttribute('aria-label', 'Select all rows on this page');
  corner.replaceChildren(all);
  const count = form.querySelector('[data-bulk-count]');

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    const everybody = form.querySelector('input[name="all"]')?.checked;
    if (count) count.textContent = everybody ? '' : chosen === 0 ? 'None selected' : `${chosen} selected`;
    for (const box of boxes) box.closest('tr').classList.toggle('row-chosen', box.checked);
  };
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  form.addEventListener('change', show);
  show();
  // From here on: what it begins with tells nobody anything.
  count?.setAttribute('role', 'status');
}

document.querySelectorAll('form[data-bulk]').forEach(watchForm);
