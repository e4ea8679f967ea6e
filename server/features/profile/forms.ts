import { z } from 'zod';
import { isLocale, timeZoneCalled } from '#policies/locales.js';
import { choice, email, line } from '#server/http/fields.js';

const oneOf = (isKnown: (text: string) => boolean, message: string) =>
  z.string({ error: message }).max(64, { error: message }).refine(isKnown, { error: message });

export const profileForm = z.strictObject({
  name: line('Enter your name.', 100),
  email: email(),
  locale: oneOf(isLocale, 'Choose a language from the list.'),
  timeZone: oneOf((typed) => timeZoneCalled(typed) !== null, 'Choose a time zone from the list.').overwrite(
    (typed) => timeZoneCalled(typed) ?? typed,
  ),
  theme: choice(['auto', 'light', 'dark'], 'Choose one of the three.'),
});
