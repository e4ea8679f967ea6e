// The forms that ask for a passkey, or make one: the answer of the authenticator goes into a hidden field, and the form is sent.
// Where there are no passkeys they go, and a line beside each says what else there is. Without scripts they stay hidden.
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';

const WORDS = {
  NotAllowedError: 'Nothing was chosen, or it took too long. Press the button to try again.',
  InvalidStateError: 'This device or password manager already has a passkey of yours for this portal.',
  SecurityError: 'A passkey can be used only at the portal’s own address, over https.',
};

function say(form, words) {
  const line = form.querySelector('[role="alert"]');
  line.textContent = words;
  line.hidden = words === '';
}

// Where each organisation has an address of its own, its passkeys are of no use at that of the portal.
function words(form, { name }) {
  const { rpId, rp } = JSON.parse(form.dataset.options);
  const host = rpId ?? rp.id;
  return name === 'SecurityError' && host !== location.hostname
    ? `Passkeys of your organisation are made and used at ${host} alone. Sign in there.`
    : (WORDS[name] ?? 'That did not work. Try again, or use another way.');
}

async function answer(form, more = {}) {
  const optionsJSON = JSON.parse(form.dataset.options);
  const ask = form.dataset.passkey === 'create' ? startRegistration : startAuthentication;
  return JSON.stringify(await ask({ optionsJSON, ...more }));
}

// A page that stays open outlives what it asks for: who comes back to it is asked anew, by what the same page says now.
const LIFE = 4 * 60_000;
let asked = Date.now();

async function renew(form) {
  if (!('fills' in form.dataset) || Date.now() - asked < LIFE) return;
  asked = Date.now();
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  const { options } = page.querySelector('[data-fills]')?.dataset ?? {};
  if (!options) return;
  form.dataset.options = options;
  void fill(form);
}

async function send(form) {
  say(form, '');
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    // What waits in the field for a name is ended by this: a browser has one asking at a time.
    form.elements.credential.value = await answer(form);
    form.submit();
  } catch (error) {
    say(form, words(form, error));
    void fill(form);
  } finally {
    button.disabled = false;
    // What is switched off under somebody's hand loses the focus.
    button.focus();
  }
}

// Passkeys are offered in the field for a name as it is filled in. Whoever chooses none is told nothing.
async function fill(form) {
  if (!('fills' in form.dataset)) return;
  try {
    form.elements.credential.value = await answer(form, { useBrowserAutofill: true });
    form.submit();
  } catch {
    // The browser has no such thing, or the button was pressed.
  }
}

// What a browser or manager can be told to forget, or to keep, where it listens.
function signal(name, options) {
  void globalThis.PublicKeyCredential?.[name]?.(options)?.catch(() => undefined);
}

function accept(list) {
  signal('signalAllAcceptedCredentials', JSON.parse(list.dataset.accepted));
}

function ready(form) {
  form.hidden = false;
  const missing = form.nextElementSibling;
  if (missing?.hasAttribute('data-passkey-missing')) missing.hidden = true;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(form);
  });
  const { unknown, options } = form.dataset;
  if (unknown) signal('signalUnknownCredential', { rpId: JSON.parse(options).rpId, credentialId: unknown });
  void fill(form);
  addEventListener('focus', () => void renew(form).catch(() => undefined));
}

if (browserSupportsWebAuthn()) {
  document.querySelectorAll('form[data-passkey]').forEach(ready);
  document.querySelectorAll('[data-accepted]').forEach(accept);
} else {
  document.querySelectorAll('form[data-passkey]').forEach((form) => form.remove());
  document.querySelectorAll('[data-passkey-missing]').forEach((line) => (line.dataset.passkeyMissing = 'yes'));
}
