import { z } from 'zod';
import { canonicalIpList, ipListProblem } from '#policies/ip-range.js';
import {
  POLICY_RANGES,
  PRESET_NAMES,
  TWO_FACTOR_RULES,
  type PolicyNumber,
  type SecurityPolicy,
} from '#policies/security-policy.js';
import { apiRoute, type ApiRoute } from '#server/api/route.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { changePolicy, readPolicy } from './actions.js';
import { previewPolicy, type ShortenedCredential } from './effects.js';
import type { PolicyChange } from './change.js';
import { POLICY_FIELDS } from './words.js';

const ipList = z
  .array(z.string().max(50))
  .max(50)
  .describe('Addresses and ranges, such as `203.0.113.0/24`; empty for anywhere.');

const values = {
  preset: z
    .enum([...PRESET_NAMES, 'custom'])
    .describe('Where the values of the password part are a preset’s, which one.'),
  minLength: within('minLength'),
  requireUpper: z.boolean(),
  requireLower: z.boolean(),
  requireDigit: z.boolean(),
  requireSymbol: z.boolean(),
  forbidNames: z.boolean(),
  forbidCommon: z.boolean(),
  minScore: within('minScore'),
  history: within('history'),
  maxAgeDays: within('maxAgeDays'),
  minAgeHours: within('minAgeHours'),
  changeAtFirstSignIn: z.boolean(),
  lockoutThreshold: within('lockoutThreshold'),
  sessionIdleMinutes: within('sessionIdleMinutes'),
  sessionMaxHours: within('sessionMaxHours'),
  maxSessions: within('maxSessions'),
  stepUpMinutes: within('stepUpMinutes'),
  twoFactor: z.enum(TWO_FACTOR_RULES),
  graceDays: within('graceDays'),
  rememberBrowserDays: within('rememberBrowserDays'),
  tokenMaxMonths: within('tokenMaxMonths'),
  allowPasswordOnApi: z.boolean().describe('Whether HTTP Basic on the API takes the sign-in password.'),
  allowedIps: ipList,
};

const policy = z.object(values).meta({ id: 'SecurityPolicy' });

const change = z
  .strictObject(values)
  .partial()
  .transform((given, context) => asChange(given, context));

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const tokenOwner = z.object({ id: z.uuid(), username: z.string(), name: z.string() });

const preview = z
  .object({
    policy: policy.describe('What the policy would be.'),
    differences: z.array(z.object({ field: z.string(), from: value, to: value })),
    effects: z.object({
      passwordsExpiring: z.number().describe('People whose password is older than the new maximum age.'),
      sessionsEnding: z.number(),
      peopleSignedOut: z.number(),
      browsersForgotten: z.number().describe('Browsers that are asked for a code again.'),
      peopleToSetUp: z.number().describe('People who must set up two-factor authentication from then on.'),
      setUpBy: apiTime.nullable().describe('By when they must.'),
      tokensShortened: z.number().describe('API tokens that end later than the new longest validity allows.'),
      keysShortened: z.number().describe('API keys of which the same is true.'),
      apiPasswordsShortened: z.number().describe('API passwords of which the same is true.'),
      tokensHit: z
        .array(z.object({ id: z.uuid(), name: z.string(), owner: tokenOwner, expiresAt: apiTime, endsAt: apiTime }))
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
    summary: 'The security policy of the organisation',
    access: 'policy:read',
    reply: policy,
    handler: async ({ context }) => asJson(await readPolicy(context)),
  }),
  apiRoute({
    method: 'put',
    path: '/security-policy',
    tag: 'Security policy',
    summary: 'Change the security policy',
    description: RULE,
    access: 'policy:write',
    body: change,
    reply: policy,
    async handler({ context, body }) {
      return asJson((await changePolicy(context, body)).after);
    },
  }),
  apiRoute({
    method: 'post',
    path: '/security-policy/preview',
    tag: 'Security policy',
    summary: 'What a change of the policy would do',
    description: `Changes nothing. ${RULE}`,
    access: 'policy:write',
    body: change,
    reply: preview,
    async handler({ context, body }) {
      const {
        after,
        differences,
        ownSessionEnds: _inABrowser,
        setUpBy,
        tokensHit,
        ...effects
      } = await previewPolicy(context, body);
      return {
        policy: asJson(after),
        differences: differences.map(withLists),
        effects: { ...effects, setUpBy: isoTime(setUpBy), tokensHit: tokensHit.map(withTimes) },
      };
    },
  }),
];

function within(field: PolicyNumber) {
  const { min, max } = POLICY_RANGES[field];
  return z.number().int().min(min).max(max);
}

type Given = { [Field in keyof typeof values]?: z.output<(typeof values)[Field]> | undefined };

function asChange({ allowedIps, ...given }: Given, context: z.RefinementCtx): PolicyChange {
  const list = allowedIps?.join('\n');
  const problem = list === undefined ? null : ipListProblem(list);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem, path: ['allowedIps'] });
  const change = { ...given, ...(list === undefined ? {} : { allowedIps: canonicalIpList(list) }) };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function asJson(of: SecurityPolicy): z.output<typeof policy> {
  const shown = Object.fromEntries(POLICY_FIELDS.map((field) => [field, of[field]]));
  return { ...shown, preset: of.preset, allowedIps: listOfIps(of.allowedIps) } as z.output<typeof policy>;
}

function withTimes({ expiresAt, endsAt, ...credential }: ShortenedCredential) {
  return { ...credential, expiresAt: isoTime(expiresAt), endsAt: isoTime(endsAt) };
}

function withLists({ field, from, to }: { field: string; from: unknown; to: unknown }) {
  return field === 'allowedIps'
    ? { field, from: listOfIps(String(from)), to: listOfIps(String(to)) }
    : { field, from, to };
}

function listOfIps(list: string): string[] {
  return list === '' ? [] : canonicalIpList(list).split('\n');
}
