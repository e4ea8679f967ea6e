import { ROW_STATES, TWO_FACTOR_STATES, USER_KINDS, USER_STATES } from '#policies/enumerations.js';
import { checkbox, choice, filter } from '#server/input/choices.js';
import { pasted, sentFile } from '#server/input/files.js';
import { id, ids, optionalId } from '#server/input/ids.js';
import { asBody, asFilters, asForm, asQuery, described, optional, otherwise } from '#server/input/kind.js';
import { whole } from '#server/input/numbers.js';
import { onward, optionalLine } from '#server/input/text.js';
import { BULK_ACTIONS } from '#policies/bulk-actions.js';

const filters = {
  q: optionalLine(100),
  kind: optional(choice(USER_KINDS)),
  status: optional(choice(USER_STATES)),
  twoFactor: optional(choice(TWO_FACTOR_STATES)),
  passkey: optional(choice(['yes', 'no'])),
  secondFactor: optional(choice(['yes', 'no'])),
  breakGlass: optional(choice(['yes', 'no'])),
  lacksPasskey: filter(),
  administrators: filter(),
  locked: filter(),
  stale: filter(),
  lapsed: filter(),
};

/** From which part of the list it was sent: there it goes back to when something is wrong with it. */
const place = { sort: onward(), page: onward(), after: onward(), before: onward() };

const why = described(optionalLine(300), 'Why: it goes into the security log.');
const chosen = ids('Choose people of the list.');
const bulk = {
  confirmed: described(
    optional(id('There is no such preview. Begin again.')),
    'The id of a preview: begins what it shows, whatever else is sent.',
  ),
  action: optional(choice(BULK_ACTIONS, 'Choose what to do.')),
  ids: chosen,
  all: described(checkbox(), 'All that the filters find, in place of `ids`.'),
  ...filters,
  roleId: described(
    optional(id('Choose the role of the list.')),
    'The role to give or to take; for any other action, without `heldRoleId`, that of the filter.',
  ),
  heldRoleId: described(optional(optionalId()), 'Only those who hold this role.'),
  reason: why,
};

/** Of what a form leaves empty nothing is sent on; but no role among the filters is that very thing. */
export const bulkForm = asForm({ ...bulk, ...place });
export const bulkBody = asBody({ ...bulk, ids: optional(chosen) });

export const importForm = asForm({
  file: sentFile('Choose one file.'),
  csv: pasted('Paste the text once.'),
});
export const beginImportForm = asForm({
  /** The id of a preview. */
  import: id('There is no such preview. Begin again.'),
  reason: why,
});
export const importBody = asBody({
  csv: described(pasted('Send the text of the file.'), 'The text of the file, in UTF-8.'),
  import: described(optional(id()), 'The id of a preview, in place of a text: begins what it shows.'),
  dryRun: described(checkbox(), 'Only says what would be done.'),
  reason: why,
});

const show = optional(choice(ROW_STATES));
export const rowFilters = asFilters({ show });
export const jobQuery = asQuery({ show, after: otherwise(whole(0, 999_999_999), 0) });
