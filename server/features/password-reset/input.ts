import { asForm, asQuery } from '#server/input/kind.js';
import { line, optionalLine } from '#server/input/text.js';

export const forgotForm = asForm({
  organization: line('Enter the short name of your organisation.', 100),
  username: line('Enter your username or e-mail address.', 254),
});

export const forgotQuery = asQuery({ organization: optionalLine(100) });
