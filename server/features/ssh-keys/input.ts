import { NAME_MAX } from '#policies/names.js';
import { asForm, asBody, described, optional } from '#server/input/kind.js';
import { line, lines, shaped } from '#server/input/text.js';
import { optionalDay, optionalTime } from '#server/input/times.js';

const KEY_MAX = 16_384;
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

const key = {
  name: line('Enter a name, such as “Laptop”.', NAME_MAX),
  publicKey: described(lines(KEY_MAX), 'One line of OpenSSH’s form.'),
};

/** A person names the last day on which the key works; a program the very moment. */
export const sshKeyForm = asForm({ ...key, expiresOn: optionalDay() });
export const sshKeyBody = asBody({ ...key, expiresAt: optionalTime() });

export const keysQuery = asBody({
  fingerprint: optional(shaped(FINGERPRINT, 'Send a fingerprint such as SHA256:…, as ssh-keygen -l prints it.')),
});
