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
}

const followAll = () => document.querySelectorAll(ROLE).forEach(follow);

document.addEventListener('change', (event) => {
  if (event.target.matches?.(ROLE)) follow(event.target);
});
document.addEventListener('dialog-part', followAll);
followAll();
