import { NAME_MAX } from '#policies/names.js';
import { isPlatformPermission, PERMISSIONS } from '#policies/permissions.js';
import { checkbox, several } from '#server/input/choices.js';
import { asBody, asChanges, asFilters, asForm, optional, otherwise } from '#server/input/kind.js';
import { optionalId } from '#server/input/ids.js';
import { shown } from '#server/input/shown.js';
import { line, lines } from '#server/input/text.js';

const role = {
  name: line('Enter a name for the role.', NAME_MAX),
  description: otherwise(lines(500), ''),
  permissions: several(grantable(), 'Choose permissions of the list.'),
  readOnly: checkbox(),
  requiresTwoFactor: checkbox(),
  requiresPhishingResistant: checkbox(),
  tokensNeedApproval: checkbox(),
};

export const roleForm = asForm(role);
export const changeForm = asForm({ ...role, _shown: shown() });
export const roleBody = asBody(role);
export const roleChanges = asChanges(role);

/** Of a factory role only these can be changed; the page shows nothing else. */
export const factoryRoleForm = asForm({
  requiresTwoFactor: checkbox(),
  requiresPhishingResistant: checkbox(),
  tokensNeedApproval: checkbox(),
  _shown: shown(),
});

/** The role that takes the place of one that is removed, where somebody holds it. */
const removal = { replacementRoleId: optional(optionalId()) };
export const removalForm = asForm(removal);
export const removalFilters = asFilters(removal);

function grantable() {
  return PERMISSIONS.map(({ name }) => name).filter((name) => !isPlatformPermission(name));
}
