import { checkbox } from '#server/input/choices.js';
import { asForm, asQuery, otherwise } from '#server/input/kind.js';
import { code, line, optionalLine, passkeyAnswer, recoveryCode, token } from '#server/input/text.js';

/** Of which kind the code is, where there is more than one. */
const factor = otherwise(token(40), '');

export const codeForm = asForm({ code: code(), factor, remember: checkbox() });
export const codeQuery = asQuery({ factor });
export const setupCodeForm = asForm({ code: code() });
export const passkeyForm = asForm({ credential: passkeyAnswer(), remember: checkbox() });
export const recoveryForm = asForm({ recoveryCode: recoveryCode() });

/** Of who has given no password, because it opens nothing. */
export const recoveryAloneForm = asForm({
  organization: line('Enter the short name of your organisation.', 100),
  username: line('Enter your username or e-mail address.', 254),
  recoveryCode: recoveryCode(),
});
export const recoveryQuery = asQuery({ organization: optionalLine(100) });
