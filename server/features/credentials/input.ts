import { LISTED_KINDS } from '#policies/enumerations.js';
import { checkbox, choice as oneOf, filter } from '#server/input/choices.js';
import { id, ids } from '#server/input/ids.js';
import { asBody, asFilters, asForm, asQuery, described, optional, otherwise } from '#server/input/kind.js';
import { optionalLine, token } from '#server/input/text.js';
import { optionalDay, optionalTime } from '#server/input/times.js';

const filters = {
  kind: optional(oneOf(LISTED_KINDS)),
  user: described(optional(id()), 'Of this user.'),
  api: described(filter(), 'API credentials: SSH keys are left out.'),
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
/** The same for a file, which is whole. */
export const credentialFile = asBody(filters);

const chosen = ids('Choose credentials of the list.');
const choice = { ids: chosen, all: described(checkbox(), 'All that the filters find, in place of `ids`.'), ...filters };

const selection = {
  ...choice,
  /** Sent by the preview that stands between the list and the deed. */
  confirmed: checkbox(),
  /** Which credentials that was about. */
  seen: otherwise(token(100), ''),
};

export const removalForm = asForm(selection);
export const shorteningForm = asForm({ ...selection, expiresOn: optionalDay() });

const dryRun = described(checkbox(), 'Only says what would be done.');
const named = { ...choice, ids: optional(chosen), dryRun };

export const removalBody = asBody(named);
export const shorteningBody = asBody({
  ...named,
  expiresAt: described(optionalTime(), 'When they are to end; as the policy has it where it is left out.'),
});
