// Says, while somebody types, which password rules are met; the server decides. Adds the show/hide button.
const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The easy cases only: what the server finds besides, such as 4 for a, it says on saving. */
function holdsName(typed, names) {
  const text = plain(typed);
  const whole = names.flatMap((name) => [plain(name).trim(), plain(name).split('@')[0].trim()]);
  const parts = whole.flatMap((name) => name.split(/[^\p{L}\p{N}]+/u)).filter((part) => part.length > 3);
  return [...whole, ...parts].some((name) => {
    if (name.length > 3) return text.includes(name);
    return name.length === 3 && text.split(/[^\p{L}]+/u).includes(name);
  });
}

const checks = {
  minLength: (typed, { value }) => [...typed].length >= Number(value),
  maxLength: (typed, { value }) => [...typed].length <= Number(value),
  requireUpper: (typed) => /\p{Lu}/u.test(typed),
  requireLower: (typed) => /\p{Ll}/u.test(typed),
  requireDigit: (typed) => /\p{Nd}/u.test(typed),
  requireSymbol: (typed) => /[\p{P}\p{S}]/u.test(typed),
  forbidNames: (typed, { names }, form) =>
    typed !== '' && !holdsName(typed, [...JSON.parse(names ?? '[]'), ...namesIn(form)]),
};

// Where an account is being made, its names stand in the very form.
function namesIn(form) {
  const fields = ['organization', 'slug', 'name', 'username', 'email'].map((name) => form?.elements[name]?.value ?? '');
  return fields.flatMap((text) => [text, ...text.split(/\s+/)]).filter((text) => text.trim() !== '');
}

function watchRules(list) {
  const input = document.getElementById(list.dataset.passwordRulesFor);
  const rules = [...list.children].filter((rule) => checks[rule.dataset.rule]);
  if (!input || rules.length === 0) return;
  const spoken = list.insertAdjacentElement('afterend', document.createElement('p'));
  spoken.className = 'visually-hidden';
  spoken.setAttribute('role', 'status');
  let timer;

  for (const rule of rules) rule.dataset.state = 'unmet';
  // Said only to who comes to it: met from the first letter on, it tells nobody anything.
  const longest = rules.find((rule) => rule.dataset.rule === 'maxLength');
  if (longest) longest.hidden = true;
  input.addEventListener('input', () => {
    const typed = input.value.normalize('NFKC');
    for (const rule of rules)
      rule.dataset.state = checks[rule.dataset.rule](typed, rule.dataset, input.form) ? 'met' : 'unmet';
    const unmet = rules.filter((rule) => rule.dataset.state === 'unmet');
    if (longest) longest.hidden = !unmet.includes(longest);
    window.clearTimeout(timer);
    timer = setTimeout(() => {
      if (typed === '') spoken.textContent = '';
      else if (unmet.length === 0) spoken.textContent = 'The rules that can be checked here are met.';
      else spoken.textContent = `Not yet met: ${unmet.map((rule) => rule.textContent).join(', ')}.`;
    }, 900);
  });
}

function addEye(input) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'password-eye';
  button.textContent = 'Show';
  const label = document.querySelector(`label[for="${input.id}"]`)?.textContent.trim().toLowerCase() ?? 'password';
  button.setAttribute('aria-label', `Show ${label}`);
  button.setAttribute('aria-pressed', 'false');
  button.addEventListener('click', () => {
    const shown = input.type === 'password';
    input.type = shown ? 'text' : 'password';
    button.textContent = shown ? 'Hide' : 'Show';
    button.setAttribute('aria-pressed', String(shown));
  });
  // A password left in plain sight would be offered again as ordinary text by some browsers.
  input.form?.addEventListener('submit', () => (input.type = 'password'));
  input.insertAdjacentElement('afterend', button);
}

// Of two fields for one new password: whether they hold the same. While the second is on the way there, nothing is said.
function watchTwice(again) {
  const first = again.form?.elements['newPassword'];
  if (!first) return;
  const told = again.closest('.form-field').appendChild(document.createElement('p'));
  told.className = 'form-hint';
  told.setAttribute('role', 'status');
  const tell = () => {
    const on = again.value === '' || (first.value !== again.value && first.value.startsWith(again.value));
    const text = on ? '' : first.value === again.value ? 'The passwords match.' : 'The passwords differ.';
    if (told.textContent !== text) told.textContent = text;
  };
  for (const input of [first, again]) input.addEventListener('input', tell);
}

// Whoever types a password with Caps Lock on sees nothing of it but dots.
function watchCapsLock(input) {
  const told = document.createElement('p');
  told.className = 'form-hint';
  told.setAttribute('role', 'status');
  input.closest('.form-field').append(told);
  const tell = (event) => {
    const on = event.type !== 'blur' && event.getModifierState?.('CapsLock') === true;
    const text = on ? 'Caps Lock is on.' : '';
    if (told.textContent !== text) told.textContent = text;
  };
  for (const type of ['keydown', 'keyup', 'blur']) input.addEventListener(type, tell);
}

document.querySelectorAll('[data-password-rules]').forEach(watchRules);
document.querySelectorAll('input[data-password]').forEach(addEye);
document.querySelectorAll('input[name="confirmPassword"]').forEach(watchTwice);
document.querySelectorAll('input[data-password]').forEach(watchCapsLock);
