import { TEMPLATE_LANGUAGES } from '#policies/locales.js';
import { box, checkbox, choice } from '#server/input/choices.js';
import { asBody, asFilters, asForm, asQuery, described, optional, otherwise } from '#server/input/kind.js';
import { whole } from '#server/input/numbers.js';
import { shown } from '#server/input/shown.js';
import { lines, shaped } from '#server/input/text.js';

const LONGEST = 32 * 1024;
const languages = TEMPLATE_LANGUAGES.map(({ value }) => value);
const locale = otherwise(described(choice(languages, 'Choose a language of the list.'), 'Of whoever reads it.'), 'en');
const template = { locale, subject: lines(LONGEST), text: lines(LONGEST), html: lines(LONGEST) };

/** A browser sends nothing for a box that is not ticked; of what is always sent there is no box. */
export const templateForm = asForm({ ...template, enabled: checkbox(), _shown: shown() }).transform(
  ({ _shown, ...typed }) => ({
    ...typed,
    // Which version the form showed, and not its texts: with these a long one would be more than a form may hold.
    seen: /^\d{1,6}$/.test(String(_shown?.['version'])) ? Number(_shown?.['version']) : undefined,
  }),
);
export const templateBody = asBody({
  ...template,
  enabled: described(optional(box()), 'False: it is not sent. A notice of security always is.'),
});

const typed = {
  locale,
  subject: described(optional(lines(LONGEST)), 'Left out with the others: as it is worded now.'),
  text: optional(lines(LONGEST)),
  html: optional(lines(LONGEST)),
};

/** What to look at; with none of the three, what counts now. */
export const sampleBody = asBody(typed);

export const restorationBody = asBody({
  locale,
  version: described(optional(whole(1, 999_999)), 'The number of one; left out, the text that Gatehouse comes with.'),
});

/** The number of a version of before; left empty, the text that Gatehouse comes with. */
export const restorationForm = asForm({
  locale,
  version: otherwise(shaped(/^\d{0,6}$/, 'There is no such version.'), ''),
  /** The newest version that the page has shown; 0 for none. */
  seen: optional(whole(0, 999_999)),
});

export const templateQuery = asQuery({ locale });
export const templateFilters = asFilters({ locale });
