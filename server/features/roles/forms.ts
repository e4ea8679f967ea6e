import { z } from 'zod';
import { checkbox, line, optionalLine } from '#server/http/fields.js';

export const roleForm = z.strictObject({
  name: line('Enter a name for the role.', 100),
  description: optionalLine(500),
  permissions: z.preprocess(
    (value): unknown => (value === undefined || value === '' ? [] : [value].flat()),
    z.array(z.string().max(60), { error: 'Choose permissions of the list.' }).max(100),
  ),
  readOnly: checkbox(),
  requiresTwoFactor: checkbox(),
});

/** Of a factory role only this can be changed; the page shows nothing else. */
export const factoryRoleForm = z.strictObject({ requiresTwoFactor: checkbox() });
export const nothingForm = z.strictObject({});
