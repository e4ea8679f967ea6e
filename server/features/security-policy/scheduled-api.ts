import * as z from 'zod';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { NONE_WAITS, readScheduled, removeScheduled, type Waiting } from './schedule.js';
import { author, difference, differenceAsJson, policy, policyAsJson } from './shape.js';

const PATH = '/security-policy/scheduled';

const scheduled = z
  .object({
    id: z.uuid(),
    startsAt: apiTime,
    timeZone: z.string().describe('In which it was set.'),
    createdAt: apiTime,
    author,
    differences: z.array(difference).describe('What it will change, as it was set.'),
  })
  .meta({ id: 'ScheduledPolicy' });

/** The policy as it is now, and what waits. */
export const present = policy
  .extend({ scheduled: scheduled.nullable().describe('The change that is set for later; null where there is none.') })
  .meta({ id: 'PresentSecurityPolicy' });

export async function presentAsJson(context: TenantContext, now: SecurityPolicy) {
  const waiting = await readScheduled(context);
  return { ...policyAsJson(now), scheduled: waiting && waitingAsJson(waiting) };
}

export const scheduledApiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: PATH,
    tag: 'Security policy',
    summary: 'The change that is set for later',
    access: may('policy:read'),
    reply: scheduled,
    refusals: [404],
    async handler({ context }) {
      const waiting = await readScheduled(context);
      if (!waiting) throw new NotFound(NONE_WAITS);
      return waitingAsJson(waiting);
    },
  }),
  apiRoute({
    method: 'delete',
    path: PATH,
    tag: 'Security policy',
    summary: 'Take back the change that is set for later',
    access: may('policy:write'),
    refusals: [404],
    handler: async ({ context }) => removeScheduled(context),
  }),
];

function waitingAsJson({ scheduled: { id, startsAt, timeZone, createdAt }, author: by, differences }: Waiting) {
  return {
    ...{ id, startsAt: isoTime(startsAt), timeZone, createdAt: isoTime(createdAt), author: by },
    differences: differences.map(differenceAsJson),
  };
}
