import { z } from 'zod';
import { checkbox, choice, idField, ids } from '#server/http/fields.js';

const yes = z.literal('yes').optional();

export const listQuery = z.object({
  kind: choice(['token', 'key', 'password']).optional(),
  user: idField('').optional(),
  unused: yes,
  expiring: yes,
  overPolicy: yes,
  ownerWithoutTwoFactor: yes,
  cursor: z.string().max(1000).optional(),
});

export const bareForm = z.strictObject({});
export const selectionForm = z.strictObject({
  ids: ids('Choose credentials of the list.'),
  /** Sent by the question that stands between the list and the deed. */
  confirmed: checkbox(),
});
