import { z } from 'zod';
import { canonicalIpList, ipListProblem } from '#policies/ip-range.js';
import { PRESET_NAMES } from '#policies/security-policy.js';
import type { PolicyPart, Setting } from '#policies/setting.js';
import { POLICY_FIELDS, settingOf, type PolicyField } from '#policies/settings.js';
import { choice, whole } from '#server/http/fields.js';
import type { PolicyChange } from './change.js';
import { fieldsOf } from './words.js';

/**
 * What the form of the policy says. The rule, whichever fields are sent:
 *
 * 1. As soon as one field of a part is sent, that part is taken by hand, the way browsers send it: a box that is not
 *    sent is off. A number that is not sent stays as it is.
 * 2. When none of the password part is sent and `preset` names one, all values of that part are the preset's.
 * 3. When both are sent, what was typed wins, and the preset only gives the numbers that were left out. Whether the
 *    outcome is still that preset is worked out from its values; else the policy is called `custom`.
 */
export const policyForm = z
  .strictObject({
    preset: choice([...PRESET_NAMES, 'custom']).optional(),
    ...Object.fromEntries(POLICY_FIELDS.map((field) => [field, fieldFor(settingOf(field)).optional()])),
  })
  .transform((typed: Partial<Record<PolicyField | 'preset', unknown>>): PolicyChange => {
    const parts = new Set<PolicyPart>();
    for (const field of POLICY_FIELDS) if (typed[field] !== undefined) parts.add(settingOf(field).part);
    const boxes = [...parts].flatMap(fieldsOf).filter((field) => settingOf(field).kind === 'flag');
    const sent = Object.entries(typed).filter(([, value]) => value !== undefined);
    return Object.fromEntries([...boxes.map((field) => [field, false]), ...sent]) as PolicyChange;
  });

function fieldFor(setting: Setting): z.ZodType<string | number | boolean> {
  switch (setting.kind) {
    case 'number': {
      const { min, max, label } = setting;
      return whole(min, max, `${label}: enter a whole number from ${min} to ${max}.`);
    }
    case 'flag':
      return box();
    case 'choice':
      return choice(Object.keys(setting.choices) as [string, ...string[]]);
    case 'addresses':
      return ipList();
  }
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
    .transform((value) => value === 'on' || value === 'true' || value === '1');
}
