import { z } from 'zod';
import { NAME_MAX, slugProblem } from '#policies/names.js';
import { choice, email, line, optionalLine, username, whole } from '#server/http/fields.js';

const name = line('Enter the name of the organisation.', NAME_MAX);

export const newTenantForm = z.strictObject({
  name,
  slug: slug(),
  ownerName: line('Enter the name of the first owner.', NAME_MAX),
  ownerUsername: username(),
  ownerEmail: email(),
});

export const tenantForm = z.strictObject({ name });

export const removalForm = z.strictObject({ slug: line('Type the short name to confirm.', 63) });

/** A button without fields. */
export const noFields = z.strictObject({});

export const tenantQuery = z.object({
  q: optionalLine(100),
  status: choice(['active', 'suspended']).optional(),
  page: whole(1, 100_000).optional(),
});

function slug() {
  return line('Enter a short name, such as acme.', 63).superRefine((typed, context) => {
    const problem = typed === '' ? null : slugProblem(typed);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });
}
