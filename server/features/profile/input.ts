import { THEMES } from '#policies/enumerations.js';
import { NAME_MAX } from '#policies/names.js';
import { box, checkbox, choice } from '#server/input/choices.js';
import { asChanges, asForm, described } from '#server/input/kind.js';
import { email, locale, timeZone } from '#server/input/names.js';
import { shown } from '#server/input/shown.js';
import { line } from '#server/input/text.js';

const name = line('Enter your name.', NAME_MAX);
const settings = { locale: locale(), timeZone: timeZone(), theme: choice(THEMES, 'Choose one of the three.') };

export const profileForm = asForm({ name, email: email(), ...settings, dailyDigest: checkbox(), _shown: shown() });
/** Which address the form showed, as far as it says so. */
export function showedEmail(mark: unknown): unknown {
  return shown().form.parse(mark)?.['email'];
}

export const profileChanges = asChanges({
  name,
  ...settings,
  dailyDigest: described(box(), 'The digest of the log each morning, by mail; only for who may read the log.'),
});
