import { asLooseBody, described, optional } from '#server/input/kind.js';
import { token } from '#server/input/text.js';

// Some proxies hand the query of the guarded page on with their question, so others than ours are passed over here.
export const guardQuery = asLooseBody({
  permission: described(optional(token(60)), 'What whoever asks must be permitted to do.'),
  organization: described(optional(token(63)), 'The short name of the organisation that whoever asks must be of.'),
  role: described(optional(token(100)), 'The name of a role that whoever asks must hold, in that organisation.'),
});
