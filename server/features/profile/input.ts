import { THEMES } from '#policies/enumerations.js';
import { NAME_MAX } from '#policies/names.js';
import { checkbox, choice } from '#server/input/choices.js';
import { asChanges, asForm } from '#server/input/kind.js';
import { email, locale, timeZone } from '#server/input/names.js';
import { line } from '#server/input/text.js';

const name = line('Enter your name.', NAME_MAX);
const settings = { locale: locale(), timeZone: timeZone(), theme: choice(THEMES, 'Choose one of the three.') };

export const profileForm = asForm({ name, email: email(), ...settings, dailyDigest: checkbox() });
export const profileChanges = asChanges({ name, ...settings });
