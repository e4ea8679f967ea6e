import * as z from 'zod';
import {
  isOrganisationItem,
  isOwnItem,
  ORGANISATION_ITEMS,
  OWN_ITEMS,
  URGENCIES,
  type CheckupItem,
} from '#policies/checkup.js';
import { apiTime, isoTime } from '#server/api/fields.js';
import { anyCredential, apiRoute, wholeCredential, type ApiRoute } from '#server/api/route.js';
import { verdictOf, type Finding } from '#server/checkup/finding.js';
import { checkOrganisation } from '#server/checkup/organisation.js';
import { checkOwn } from '#server/checkup/own.js';
import { NotFound } from '#server/errors.js';
import { may } from '#server/input/access.js';
import { putOff, recall } from './actions.js';

const ITEMS = [...OWN_ITEMS, ...(Object.keys(ORGANISATION_ITEMS) as (keyof typeof ORGANISATION_ITEMS)[])] as const;

const checkup = z
  .object({
    verdict: z.enum(['now', 'todo', 'later', 'good']).describe('`good` only where nothing is left, put off or not.'),
    findings: z
      .array(
        z.object({
          item: z.enum(ITEMS),
          urgency: z.enum(URGENCIES).describe('`now` cannot be put off.'),
          heading: z.string(),
          text: z.string().describe('Why it matters.'),
          count: z.number().nullable().describe('How many there are, a thousand at most.'),
          more: z.boolean().describe('There are more than a thousand.'),
          who: z.array(z.string()).describe('The first few of them, by name.'),
          step: z.string().describe('The next step.'),
          href: z.string().nullable().describe('The page on which it is taken.'),
          putOffUntil: apiTime.nullable().describe('You do not want to be told until then.'),
        }),
      )
      .describe('The worst first.'),
  })
  .meta({ id: 'Checkup' });

export const apiRoutes: ApiRoute[] = [
  apiRoute({
    method: 'get',
    path: '/me/checkup',
    tag: 'Me',
    summary: 'What to do next about your account',
    access: anyCredential,
    reply: checkup,
    handler: async ({ context }) => asJson(await checkOwn(context)),
  }),
  apiRoute({
    method: 'post',
    path: '/me/checkup/:item/postponement',
    tag: 'Me',
    summary: 'Put something of it off',
    description: 'For 30 days. What is urgent cannot be put off.',
    access: wholeCredential,
    refusals: [409, 404],
    handler: async ({ context, params }) => putOff(context, itemOf(params, isOwnItem)),
  }),
  apiRoute({
    method: 'delete',
    path: '/me/checkup/:item/postponement',
    tag: 'Me',
    summary: 'Be told of it again',
    access: wholeCredential,
    refusals: [404],
    handler: async ({ context, params }) => recall(context, itemOf(params, isOwnItem)),
  }),
  apiRoute({
    method: 'get',
    path: '/checkup',
    tag: 'Organisation',
    summary: 'What to do next about the organisation',
    description: 'Of what you may see: what is about the log only with `log:read`, and so on.',
    access: may('users:read'),
    reply: checkup,
    handler: async ({ context }) => asJson(await checkOrganisation(context)),
  }),
  apiRoute({
    method: 'post',
    path: '/checkup/:item/postponement',
    tag: 'Organisation',
    summary: 'Put something of it off, for you alone',
    description: 'For 30 days. What is urgent cannot be put off.',
    access: may('users:read'),
    refusals: [409, 404],
    handler: async ({ context, params }) => putOff(context, itemOf(params, isOrganisationItem)),
  }),
  apiRoute({
    method: 'delete',
    path: '/checkup/:item/postponement',
    tag: 'Organisation',
    summary: 'Be told of it again',
    access: may('users:read'),
    refusals: [404],
    handler: async ({ context, params }) => recall(context, itemOf(params, isOrganisationItem)),
  }),
];

function itemOf({ item = '' }: Record<string, string>, known: (text: string) => boolean): CheckupItem {
  if (!known(item)) throw new NotFound();
  return item as CheckupItem;
}

function asJson(findings: readonly Finding[]): z.output<typeof checkup> {
  return {
    verdict: verdictOf(findings).kind,
    findings: findings.map(({ item, urgency, heading, text, count, more, who, step, putOffUntil }) => ({
      item,
      urgency,
      heading,
      text,
      count,
      more,
      who: who.map(({ name }) => name),
      step: step.label,
      href: step.href,
      putOffUntil: isoTime(putOffUntil),
    })),
  };
}
