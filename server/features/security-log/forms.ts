import { z } from 'zod';
import { choice, optionalLine } from '#server/http/fields.js';
import { isEventName, type EventName } from '#server/trace/events.js';

const LEVELS = ['low', 'middle', 'high'] as const;

/** What the page of the log can be asked for. A date is a day in the reader's time zone. */
export const logQuery = z.object({
  q: optionalLine(100),
  event: z.custom<EventName>((value) => typeof value === 'string' && isEventName(value)).optional(),
  level: choice(LEVELS).optional(),
  actor: optionalLine(254),
  from: day().optional(),
  to: day().optional(),
  sort: choice(['newest', 'oldest']).default('newest'),
  cursor: z
    .string()
    .regex(/^[\w-]{1,60}$/)
    .optional(),
});

export type LogQuery = z.infer<typeof logQuery>;

function day() {
  return z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
}
