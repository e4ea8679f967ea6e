import { z } from 'zod';
import { choice, idField, line, lines, whole } from '#server/http/fields.js';

const TOKEN_NAME_MAX = 60;

export const newTokenForm = z
  .strictObject({
    name: line('Enter a name that tells what the token is for.', TOKEN_NAME_MAX),
    months: whole(1, 12, 'Choose a number of months from 1 to 12.'),
    roleId: idField('Choose one of your roles.'),
    scopes: z
      .preprocess(
        (value) => (value === undefined || value === '' ? [] : [value].flat()),
        z.array(z.string().max(60)).max(100),
      )
      .default([]),
    /** What the page asks first; whoever sends no such field chooses by `scopes` alone, of which none are all. */
    rights: choice(['all', 'chosen'], 'Choose everything, or only what you tick.').optional(),
    allowedIps: lines(2000),
  })
  .transform(({ rights, scopes, ...values }) => ({
    ...values,
    scopes: scopes.length === 0 && rights !== 'chosen' ? null : scopes,
  }));

export const rotationForm = z.strictObject({
  overlapHours: choice(['0', '1', '24'], 'Choose at once, 1 hour or 24 hours.'),
});

/** Which one the page has shown, and so asked about; '' is none. */
export const generatingForm = z.strictObject({ replaces: idField('').or(z.literal('')).optional() });

/** A form that is only a button. */
export const bareForm = z.strictObject({});
