import { ROW_STATES, TWO_FACTOR_STATES, USER_KINDS, USER_STATES } from '#policies/enumerations.js';
import { checkbox, choice, filter } from '#server/input/choices.js';
import { pasted, sentFile } from '#server/input/files.js';
import { id, ids, optionalId } from '#server/input/ids.js';
import { asForm, asQuery, optional, otherwise } from '#server/input/kind.js';
import { whole } from '#server/input/numbers.js';
import { onward, optionalLine } from '#server/input/text.js';
import { BULK_ACTIONS } from '#policies/bulk-actions.js';

const filters = {
  q: optionalLine(100),
  kind: optional(choice(USER_KINDS)),
  status: optional(choice(USER_STATES)),
  twoFactor: optional(choice(TWO_FACTOR_STATES)),
  locked: filter(),
  stale: filter(),
};

/** From which part of the list it was sent: there it goes back to when something is wrong with it. */
const place = { sort: onward(), page: onward(), after: onward(), before: onward() };

/** Of what a form leaves empty nothing is sent on; but no role among the filters is that very thing. */
export const bulkForm = asForm({
  /** The id of a preview: begins what it shows, whatever else is sent. */
  confirmed: optional(id('There is no such preview. Begin again.')),
  action: optional(choice(BULK_ACTIONS, 'Choose what to do.')),
  ids: ids('Choose people of the list.'),
  /** All that these filters find, in place of `ids`. */
  all: checkbox(),
  ...filters,
  /** The role to give or to take; for any other action, where `heldRoleId` is not sent, that of the filter. */
  roleId: optional(id('Choose the role of the list.')),
  heldRoleId: optional(optionalId()),
  ...place,
  reason: optionalLine(300),
});

export const importForm = asForm({
  file: sentFile('Choose one file.'),
  csv: pasted('Paste the text once.'),
});
export const beginImportForm = asForm({
  /** The id of a preview. */
  import: id('There is no such preview. Begin again.'),
  reason: optionalLine(300),
});

export const jobQuery = asQuery({ show: optional(choice(ROW_STATES)), after: otherwise(whole(0, 999_999_999), 0) });
