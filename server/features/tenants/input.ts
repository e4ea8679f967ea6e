import { TENANT_STATES } from '#policies/enumerations.js';
import { NAME_MAX } from '#policies/names.js';
import { choice } from '#server/input/choices.js';
import { asChanges, asFilters, asForm, asBody, asQuery, described, optional } from '#server/input/kind.js';
import { email, slug, username } from '#server/input/names.js';
import { whole } from '#server/input/numbers.js';
import { shown } from '#server/input/shown.js';
import { line, optionalLine } from '#server/input/text.js';

const name = line('Enter the name of the organisation.', NAME_MAX);
const status = choice(TENANT_STATES);

const tenant = {
  name,
  slug: slug(),
  ownerName: line('Enter the name of the first owner.', NAME_MAX),
  ownerUsername: username(),
  ownerEmail: email(),
};

export const newTenantForm = asForm(tenant);
export const newTenantBody = asBody(tenant);

export const tenantForm = asForm({ name, _shown: shown() });
export const tenantChanges = asChanges({ name, status });

export const removalForm = asForm({ slug: line('Type the short name to confirm.', 63) });

const filters = {
  q: described(optionalLine(100), 'In the name or the short name.'),
  status: optional(status),
};

export const tenantQuery = asQuery({ ...filters, page: optional(whole(1, 100_000)) });
export const tenantFilters = asFilters(filters);
