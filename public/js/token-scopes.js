// The permissions to choose follow the chosen role. Without it all are shown, each with the roles that grant it, and
// the server refuses those of another role.
const ROLE = 'select[name="roleId"]';

function follow(select) {
  for (const box of select.form.querySelectorAll('input[name="scopes"][data-roles]')) {
    const row = box.closest('.form-check');
    const granted = box.dataset.roles.split(' ').includes(select.value);
    row.hidden = !granted;
    if (!granted) box.checked = false;
    // Which roles grant it need not be said any more.
    const hint = row.querySelector('.form-hint');
    if (hint) hint.hidden = true;
  }
  for (const noun of select.form.querySelectorAll('.scope'))
    noun.hidden = !noun.querySelector('.form-check:not([hidden])');
}

// Whoever may change something must see it; and everything is not what was ticked before.
function agree({ name, value, checked, form }) {
  const boxes = [...form.querySelectorAll('input[name="scopes"]')];
  if (name === 'rights' && value === 'all') for (const box of boxes) box.checked = false;
  const [noun, right] = value.split(':');
  if (name !== 'scopes' || right === 'read' || !checked) return;
  for (const box of boxes) if (box.value === `${noun}:read` && !box.closest('[hidden]')) box.checked = true;
}

const followAll = () => document.querySelectorAll(ROLE).forEach(follow);

document.addEventListener('change', (event) => {
  if (event.target.matches?.(ROLE)) follow(event.target);
  if (event.target.matches?.('input[name="scopes"], input[name="rights"]')) agree(event.target);
});
document.addEventListener('dialog-part', followAll);
followAll();
