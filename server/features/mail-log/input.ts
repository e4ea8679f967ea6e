import { MAIL_STATES } from '#policies/enumerations.js';
import { choice, filter } from '#server/input/choices.js';
import { asFilters, asQuery, described, optional } from '#server/input/kind.js';
import { optionalLine, token } from '#server/input/text.js';

const filters = {
  state: optional(choice(MAIL_STATES)),
  stuck: described(filter(), 'Given up, or waiting for a quarter of an hour, and not older than a week.'),
  q: described(optionalLine(100), 'In the address or the subject.'),
};

export const mailQuery = asQuery({ ...filters, cursor: optional(token(2000)) });
export const mailFilters = asFilters(filters);
