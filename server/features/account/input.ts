import { asForm, optional, otherwise } from '#server/input/kind.js';
import { whole } from '#server/input/numbers.js';
import { line, optionalCode, optionalSecret, secret } from '#server/input/text.js';

const typedName = { username: line('Type your username.', 200) };
const offered = { code: optionalCode(), days: optional(whole(0, 90)) };

export const removalForm = asForm({
  ...typedName,
  password: secret('Enter your password.'),
  ...offered,
});

/** Where passwords open nothing: the page has asked for a passkey a moment ago. */
export const removalByPasskeyForm = asForm({ ...typedName, password: otherwise(optionalSecret(), ''), ...offered });
