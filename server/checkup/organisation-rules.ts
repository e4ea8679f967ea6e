import { gapToPreset } from '#policies/preset-gap.js';
import { PRESET_LABELS, PRESETS } from '#policies/security-policy.js';
import { settingOf } from '#policies/settings.js';
import { countOf, many, pageOfUser, type OrganisationCheck } from './organisation-case.js';

/** Password rules of one's own that ask less than every preset does. */
export const policyBelowPreset: OrganisationCheck = ({ rules }) => {
  const gap = gapToPreset(rules);
  if (!gap) return undefined;
  const preset = PRESETS[gap.preset];
  return {
    item: 'policy-below-preset',
    urgency: 'todo',
    heading: `Passwords are asked less of than ${PRESET_LABELS[gap.preset]} does`,
    text: 'The rules come closest to this preset, and fall short of it.',
    count: gap.fields.length,
    who: gap.fields.map((field) => ({
      name: `${settingOf(field).label}: ${valueText(rules[field])}, where the preset has ${valueText(preset[field])}`,
      href: null,
    })),
    step: { label: 'Look at the security policy', href: '/admin/security-policy' },
  };
};

function valueText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

/** Credentials of before there was a policy for them. */
export const keysWithoutEnd: OrganisationCheck = (one) => {
  const item = 'keys-without-end';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'todo',
    heading: many(count, 'API credential has no end', 'API credentials have no end'),
    text: 'What was lost years ago would still open the door.',
    count,
    who: one.facts.subjects(item, pageOfUser),
    step: { label: 'Revoke them, or have them made anew', href: '/admin/credentials' },
  };
};

/** Tokens of before the policy became stricter. */
export const tokensOverPolicy: OrganisationCheck = (one) => {
  const item = 'tokens-over-policy';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'todo',
    heading: many(
      count,
      'API credential lasts longer than the policy allows',
      'API credentials last longer than the policy allows',
    ),
    text: 'None that is made today could.',
    count,
    who: one.facts.subjects(item, pageOfUser),
    step: { label: 'Look at them', href: '/admin/credentials?overPolicy=yes' },
  };
};

/** Credentials that nothing uses. */
export const unusedTokens: OrganisationCheck = (one) => {
  const item = 'unused-tokens';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'todo',
    heading: many(
      count,
      'API credential has not been used for 90 days',
      'API credentials have not been used for 90 days',
    ),
    text: 'What nothing needs can only be stolen.',
    count,
    who: one.facts.subjects(item, pageOfUser),
    step: { label: 'Revoke what nothing needs', href: '/admin/credentials?unused=yes' },
  };
};
