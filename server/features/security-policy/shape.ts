import * as z from 'zod';
import { canonicalIpList } from '#policies/ip-range.js';
import { POLICY_PRESETS } from '#policies/enumerations.js';
import type { PolicyDifference } from '#policies/policy-difference.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { Setting } from '#policies/setting.js';
import { POLICY_FIELDS, settingOf } from '#policies/settings.js';

const values = {
  preset: z.enum(POLICY_PRESETS).describe('Where the values of the password part are a preset’s, which one.'),
  ...Object.fromEntries(POLICY_FIELDS.map((field) => [field, valueOf(settingOf(field))])),
};

/** All values of a policy. */
export const policy = z.object(values).meta({ id: 'SecurityPolicy' });

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** What a value was, and is. */
export const difference = z.object({ field: z.string(), from: value, to: value });

/** Who made a change. */
export const author = z.object({
  id: z.uuid().nullable().describe('Null where it was no account of the organisation, or one that is gone.'),
  username: z.string().nullable(),
  name: z.string().describe('Of an account its name, else in words who it was.'),
});

function valueOf(setting: Setting): z.ZodType {
  const { about } = setting;
  const kind = kindOf(setting);
  return about === undefined ? kind : kind.describe(about);
}

function kindOf(setting: Setting): z.ZodType {
  switch (setting.kind) {
    case 'number':
      return z.number().int().min(setting.min).max(setting.max);
    case 'flag':
      return z.boolean();
    case 'choice':
      return z.enum(Object.keys(setting.choices));
    case 'addresses':
      return z.array(z.string().max(50)).max(50);
  }
}

/** A policy as the API writes it. */
export function policyAsJson(of: Partial<SecurityPolicy>) {
  const shown = POLICY_FIELDS.filter((field) => of[field] !== undefined);
  return { preset: of.preset, ...Object.fromEntries(shown.map((field) => [field, outside(field, of[field])])) };
}

/** A difference as the API writes it. */
export function differenceAsJson({ field, from, to }: PolicyDifference) {
  return { field, from: outside(field, from), to: outside(field, to) };
}

function outside(field: PolicyDifference['field'], value: unknown) {
  if (field === 'preset' || settingOf(field).kind !== 'addresses') return value as string | number | boolean;
  return value === '' ? [] : canonicalIpList(String(value)).split('\n');
}
