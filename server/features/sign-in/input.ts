import { asForm, asQuery } from '#server/input/kind.js';
import { accessPass, line, onward, optionalLine, passkeyAnswer, secret } from '#server/input/text.js';

const who = {
  organization: line('Enter the short name of your organisation.', 100),
  username: line('Enter your username or e-mail address.', 254),
};

const password = secret('Enter your password.');

export const signInForm = asForm({
  ...who,
  password,
  next: onward(),
});

/** On the page of a link, which knows the rest. */
export const passwordForm = asForm({ password });
export const passkeyForm = asForm({ credential: passkeyAnswer(), next: onward() });
export const passForm = asForm({ ...who, pass: accessPass() });

export const signInQuery = asQuery({ organization: optionalLine(100), next: onward() });
