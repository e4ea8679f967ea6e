// The forms that ask for a passkey, or make one: the answer of the authenticator goes into a hidden field, and the form is sent.
// Without this they stay hidden, and a line beside each says what else there is.
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

async function answer(form) {
  const optionsJSON = JSON.parse(form.dataset.options);
  const ask = form.dataset.passkey === 'create' ? startRegistration : startAuthentication;
  return JSON.stringify(await ask({ optionsJSON }));
}

async function send(form) {
  say(form, '');
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    form.elements.credential.value = await answer(form);
    form.submit();
  } catch (error) {
    say(form, WORDS[error.name] ?? 'That did not work. Try again, or use another way.');
  } finally {
    button.disabled = false;
  }
}

function ready(form) {
  form.hidden = false;
  const missing = form.nextElementSibling;
  if (missing?.hasAttribute('data-passkey-missing')) missing.hidden = true;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(form);
  });
}

if (browserSupportsWebAuthn()) document.querySelectorAll('form[data-passkey]').forEach(ready);
