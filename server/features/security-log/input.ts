import type { z } from 'zod';
import { DOORS, LEVELS } from '#policies/enumerations.js';
import { box, choice } from '#server/input/choices.js';
import { asBody, asFilters, asForm, asQuery, described, optional, otherwise } from '#server/input/kind.js';
import { day, time } from '#server/input/times.js';
import { line, optionalLine, token } from '#server/input/text.js';
import { EVENT_NAMES } from '#server/trace/events.js';

const what = {
  q: described(
    optionalLine(100),
    'People by name, username or address, events in words, an IP address; where it is none of these, in the details and the browser.',
  ),
  within: described(optional(choice(['details'])), 'Look for `q` in the details and the browser alone.'),
  event: optional(choice(EVENT_NAMES)),
  level: optional(choice(LEVELS)),
  door: described(optional(choice(DOORS)), 'By which way it was done.'),
};
const sort = otherwise(choice(['newest', 'oldest']), 'newest');
const SOMEBODY = 'What this user did, or what was done to them: an id, a username or an e-mail address.';

/** What the page of the log can be asked for. A date is a day in the reader's time zone. */
export const logQuery = asQuery({
  ...what,
  actor: optionalLine(254),
  from: optional(day()),
  to: optional(day()),
  /** Whose days they are, where not the reader's: those that the figures of the overview are kept by. */
  days: optional(choice(['utc'])),
  /** From so long ago on. */
  last: optional(choice(['24h', '7d', '30d'])),
  sort,
  cursor: optional(token(60)),
});

export type LogQuery = z.infer<typeof logQuery>;

const asked = {
  ...what,
  actor: described(optional(line('', 254)), SOMEBODY),
  from: described(optional(time()), 'From this time on.'),
  to: described(optional(time()), 'Before this time.'),
  sort,
};

/** What the API can be asked for: times, to the millisecond. */
export const logFilters = asFilters(asked);

/** The same for a file, which is whole. */
export const logFile = asBody(asked);

/** Whether somebody wants the checkpoints by mail. */
export const checkpointMails = asForm({ wanted: choice(['yes', 'no']) });
export const checkpointMailsBody = asBody({ wanted: described(box(), 'Each day’s checkpoint by mail, to you.') });
