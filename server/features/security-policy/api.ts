import * as z from 'zod';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { may } from '#server/input/access.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { changePolicy, readPolicy } from './actions.js';
import { previewPolicy, type ShortenedCredential } from './effects.js';
import { historyApiRoutes } from './history-api.js';
import { policyChanges } from './input.js';
import { present, presentAsJson, scheduledApiRoutes } from './scheduled-api.js';
import { refuseIdle, schedulePolicy, startOf } from './schedule.js';
import { difference, differenceAsJson, policy, policyAsJson } from './shape.js';

const person = z.object({ id: z.uuid(), username: z.string(), name: z.string() });

const preview = z
  .object({
    policy: policy.describe('What the policy would be.'),
    differences: z.array(difference),
    startsAt: apiTime.nullable().describe('When it would start; null for at once.'),
    effects: z.object({
      passwordsExpiring: z.number().describe('People whose password is older than the new maximum age.'),
      sessionsEnding: z.number(),
      peopleSignedOut: z.number(),
      browsersForgotten: z.number().describe('Browsers that are asked for a code again.'),
      peopleShutOut: z
        .number()
        .describe('People who come, or came the last time, from an address that the new list has not.'),
      shutOut: z
        .array(person.extend({ ip: z.string() }))
        .describe('The first of them, by username; nobody without `users:read`, here and below.'),
      first: z
        .object({
          passwordsExpiring: z.array(person),
          peopleSignedOut: z.array(person),
          browsersForgotten: z.array(person),
          peopleToSetUp: z.array(person),
          peopleToAddPasskeys: z.array(person),
        })
        .describe('The first of each, by username.'),
      peopleToSetUp: z.number().describe('People who must set up two-factor authentication from then on.'),
      setUpBy: apiTime.nullable().describe('By when they must.'),
      peopleToAddPasskeys: z
        .number()
        .describe('People who must add passkeys, since their password is to open nothing from then on.'),
      passkeysBy: apiTime.nullable().describe('By when they must: later their password does not lead there any more.'),
      tokensShortened: z.number().describe('API tokens that end later than the new longest validity allows.'),
      keysShortened: z.number().describe('API keys of which the same is true.'),
      apiPasswordsShortened: z.number().describe('API passwords of which the same is true.'),
      tokensHit: z
        .array(z.object({ id: z.uuid(), name: z.string(), owner: person, expiresAt: apiTime, endsAt: apiTime }))
        .describe('Those of all three that end first, at most fifty: when they end now, and when they would.'),
      rulesChange: z
        .boolean()
        .describe('Rules for new passwords change: those in use are checked at their next change.'),
    }),
  })
  .meta({ id: 'PolicyPreview' });

const RULE = 'What is left out stays as it is; a preset sets the values of the password part that are not given.';

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/security-policy',
    tag: 'Security policy',
    summary: 'The security policy of the organisation, and the change of it that is set for later',
    access: may('policy:read'),
    reply: present,
    handler: async ({ context }) => presentAsJson(context, await readPolicy(context)),
  }),
  apiRoute({
    method: 'put',
    path: '/security-policy',
    tag: 'Security policy',
    summary: 'Change the security policy',
    description: `${RULE} With \`startsAt\` the change waits until then, and the answer has the policy as it is now, and what waits. One change can wait at a time.`,
    access: may('policy:write'),
    body: policyChanges,
    reply: present,
    refusals: [409],
    async handler({ context, body: { change, startsAt: typed, replaces } }) {
      const startsAt = startOf(context, typed);
      refuseIdle(startsAt, replaces);
      const now =
        startsAt === null
          ? (await changePolicy(context, change)).after
          : await schedulePolicy(context, change, { startsAt, replaces: replaces || null });
      return presentAsJson(context, now);
    },
  }),
  apiRoute({
    method: 'post',
    path: '/security-policy/preview',
    tag: 'Security policy',
    summary: 'What a change of the policy would do',
    description: `Changes nothing. ${RULE}`,
    access: may('policy:write'),
    body: policyChanges,
    reply: preview,
    async handler({ context, body: { change, startsAt: typed } }) {
      const {
        before: _asItIs,
        after,
        differences,
        ownSessionEnds: _inABrowser,
        ownPasswordExpires: _inABrowserToo,
        ownPasskeysLack: _there,
        setUpBy,
        passkeysBy,
        startsAt,
        tokensHit,
        ...effects
      } = await previewPolicy(context, change, startOf(context, typed));
      return {
        policy: policyAsJson(after),
        differences: differences.map(differenceAsJson),
        startsAt: isoTime(startsAt),
        effects: {
          ...effects,
          setUpBy: isoTime(setUpBy),
          passkeysBy: isoTime(passkeysBy),
          tokensHit: tokensHit.map(withTimes),
        },
      };
    },
  }),
  ...scheduledApiRoutes,
  ...historyApiRoutes,
];

function withTimes({ expiresAt, endsAt, ...credential }: ShortenedCredential) {
  return { ...credential, expiresAt: isoTime(expiresAt), endsAt: isoTime(endsAt) };
}
