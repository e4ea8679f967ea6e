import { z } from 'zod';
import { canonicalIpList, ipListProblem } from '#policies/ip-range.js';
import { POLICY_RANGES, PRESET_NAMES, TWO_FACTOR_RULES, type PolicyNumber } from '#policies/security-policy.js';
import { choice, whole } from '#server/http/fields.js';
import type { PolicyChange } from './change.js';
import { PASSWORD_FIELDS, policyLabel } from './words.js';

/**
 * What the form of the policy says. The rule, whichever fields are sent:
 *
 * 1. As soon as one field of the password part is sent, that part is taken by hand, the way browsers send it: a box that
 *    is not sent is off. A number that is not sent stays as it is.
 * 2. When none is sent and `preset` names one, all values of the password part are the preset's.
 * 3. When both are sent, what was typed wins, and the preset only gives the numbers that were left out. Whether the
 *    outcome is still that preset is worked out from its values; else the policy is called `custom`.
 * 4. Each value of the other parts stays as it is when it is not sent; but a box that is not sent is off when the
 *    fields beside it are sent.
 */
export const policyForm = z
  .strictObject({
    preset: choice([...PRESET_NAMES, 'custom']).optional(),
    minLength: within('minLength'),
    requireUpper: box(),
    requireLower: box(),
    requireDigit: box(),
    requireSymbol: box(),
    forbidNames: box(),
    forbidCommon: box(),
    minScore: within('minScore'),
    history: within('history'),
    maxAgeDays: within('maxAgeDays'),
    minAgeHours: within('minAgeHours'),
    changeAtFirstSignIn: box(),
    lockoutThreshold: within('lockoutThreshold'),
    sessionIdleMinutes: within('sessionIdleMinutes'),
    sessionMaxHours: within('sessionMaxHours'),
    maxSessions: within('maxSessions'),
    stepUpMinutes: within('stepUpMinutes'),
    twoFactor: choice([...TWO_FACTOR_RULES]).optional(),
    graceDays: within('graceDays'),
    rememberBrowserDays: within('rememberBrowserDays'),
    tokenMaxMonths: within('tokenMaxMonths'),
    allowPasswordOnApi: box(),
    allowedIps: ipList().optional(),
  })
  .transform((typed): PolicyChange => {
    const byHand = PASSWORD_FIELDS.some((field) => typed[field] !== undefined);
    const sent = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined));
    // The one box beside the password part stands next to these two fields, and is off when they come without it.
    const programs = typed.tokenMaxMonths !== undefined || typed.allowedIps !== undefined;
    return { ...(byHand ? BOXES_OFF : {}), ...(programs ? { allowPasswordOnApi: false } : {}), ...sent };
  });

const BOXES_OFF = {
  requireUpper: false,
  requireLower: false,
  requireDigit: false,
  requireSymbol: false,
  forbidNames: false,
  forbidCommon: false,
  changeAtFirstSignIn: false,
} as const;

function within(field: PolicyNumber) {
  const { min, max } = POLICY_RANGES[field];
  return whole(min, max, `${policyLabel(field) ?? field}: enter a whole number from ${min} to ${max}.`).optional();
}

function ipList() {
  return z
    .string({ error: 'Enter one list of addresses.' })
    .max(4000, { error: 'List at most 50 addresses or ranges.' })
    .superRefine((text, context) => {
      const problem = ipListProblem(text);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    })
    .transform(canonicalIpList);
}

// Unlike a lone box, one that was not sent is told apart from one that was cleared.
function box() {
  return z
    .enum(['on', 'true', '1', 'false', '0', ''], { error: 'Tick the box or leave it.' })
    .transform((value) => value === 'on' || value === 'true' || value === '1')
    .optional();
}
