import { checkbox } from '#server/input/choices.js';
import { asForm } from '#server/input/kind.js';
import { shown } from '#server/input/shown.js';
import { line, optionalLine, passkeyAnswer } from '#server/input/text.js';

const PASSKEY_NAME_MAX = 60;

/** Without a name it is called after where it is kept. */
export const newPasskeyForm = asForm({
  name: optionalLine(PASSKEY_NAME_MAX),
  credential: passkeyAnswer(),
  signInAlone: checkbox(),
});

export const passkeyForm = asForm({
  name: line('Enter a name, such as “Phone”.', PASSKEY_NAME_MAX),
  signInAlone: checkbox(),
  _shown: shown(),
});
