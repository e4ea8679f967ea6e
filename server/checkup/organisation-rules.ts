import { gapToPreset } from '#policies/preset-gap.js';
import { PRESET_LABELS, PRESETS } from '#policies/security-policy.js';
import { settingOf } from '#policies/settings.js';
import type { Found } from './finding.js';
import { countOf, many, pageOfUser, stepOf, type OrganisationCheck } from './organisation-case.js';

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
    step: { label: 'Look at the security policy', href: `/admin/security-policy#preset-${gap.preset}` },
  };
};

function valueText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

/** Credentials of before there was a policy for them. */
export const keysWithoutEnd = credentials('keys-without-end', {
  heading: ['API credential has no end', 'API credentials have no end'],
  text: 'What was lost years ago would still open the door.',
  step: ['Revoke them, or have them made anew', '/admin/credentials?api=yes&noEnd=yes'],
});

/** Tokens of before the policy became stricter. */
export const tokensOverPolicy = credentials('tokens-over-policy', {
  heading: ['API credential lasts longer than the policy allows', 'API credentials last longer than the policy allows'],
  text: 'None that is made today could.',
  step: ['Look at them', '/admin/credentials?overPolicy=yes'],
});

/** Credentials that nothing uses. */
export const unusedTokens = credentials('unused-tokens', {
  heading: ['API credential has not been used for 90 days', 'API credentials have not been used for 90 days'],
  text: 'What nothing needs can only be stolen.',
  step: ['Revoke what nothing needs', '/admin/credentials?api=yes&unused=yes'],
});

/** A look for credentials of one sort; `heading` as of one and as of several, `step` for who may revoke them, and where it leads. */
function credentials(
  item: Found['item'],
  { heading, text, step: [doing, href] }: Pick<Found, 'text'> & Record<'heading' | 'step', [string, string]>,
): OrganisationCheck {
  return (one) => {
    const count = countOf(one, item);
    if (count === 0) return undefined;
    const who = one.facts.subjects(item, pageOfUser);
    const step = stepOf(one, ['credentials:revoke', doing, 'Look at them'], href);
    return { item, urgency: 'todo', heading: many(count, ...heading), text, count, who, step };
  };
}
