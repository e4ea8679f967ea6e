import { LISTED_KINDS } from '#policies/enumerations.js';
import { checkbox, choice, filter } from '#server/input/choices.js';
import { id, ids } from '#server/input/ids.js';
import { asFilters, asForm, asQuery, described, optional } from '#server/input/kind.js';
import { optionalLine, token } from '#server/input/text.js';

const filters = {
  kind: optional(choice(LISTED_KINDS)),
  user: described(optional(id('')), 'Of this user.'),
  unused: described(filter(), 'Not used for 90 days, the longest first.'),
  expiring: described(filter(), 'Expires within 14 days, the next first.'),
  overPolicy: described(filter(), 'API credentials that last longer than the policy allows today, the longest first.'),
  noEnd: described(filter(), 'Never expires, the newest first.'),
  ownerWithoutTwoFactor: described(filter(), 'Of users without two-factor authentication.'),
  noAddresses: described(filter(), 'API credentials that may be used from every address.'),
  q: described(optionalLine(100), 'Words of its name, or of the name or username of its owner.'),
};

export const credentialQuery = asQuery({ ...filters, cursor: optional(token(1000)) });
export const credentialFilters = asFilters(filters);

export const selectionForm = asForm({
  ids: ids('Choose credentials of the list.'),
  /** Sent by the question that stands between the list and the deed. */
  confirmed: checkbox(),
});
