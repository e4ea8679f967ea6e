import { POLICY_PRESETS } from '#policies/enumerations.js';
import type { PolicyPart, Setting } from '#policies/setting.js';
import { POLICY_FIELDS, settingOf, type PolicyField } from '#policies/settings.js';
import { addresses } from '#server/input/addresses.js';
import { box, checkbox, choice } from '#server/input/choices.js';
import { asChanges, asForm, asQuery, described, optional, type Input, type Kind } from '#server/input/kind.js';
import { whole } from '#server/input/numbers.js';
import type { PolicyChange } from './change.js';
import { fieldsOf } from './words.js';

const policy: Input = {
  preset: described(choice(POLICY_PRESETS), 'Where the values of the password part are a preset’s, which one.'),
  ...Object.fromEntries(POLICY_FIELDS.map((field) => [field, fieldOf(settingOf(field))])),
};

/**
 * What the form of the policy says. The rule, whichever fields are sent:
 *
 * 1. As soon as one field of a part is sent, that part is taken by hand, the way browsers send it: a box that is not
 *    sent is off. A number that is not sent stays as it is.
 * 2. When none of the password part is sent and `preset` names one, all values of that part are the preset's.
 * 3. When both are sent, what was typed wins, and the preset only gives the numbers that were left out. Whether the
 *    outcome is still that preset is worked out from its values; else the policy is called `custom`.
 */
export const policyForm = asForm(optionally(policy)).transform(
  (typed: Partial<Record<PolicyField | 'preset', unknown>>): PolicyChange => {
    const parts = new Set<PolicyPart>();
    for (const field of POLICY_FIELDS) if (typed[field] !== undefined) parts.add(settingOf(field).part);
    const boxes = [...parts].flatMap(fieldsOf).filter((field) => settingOf(field).kind === 'flag');
    const sent = Object.entries(typed).filter(([, value]) => value !== undefined);
    return Object.fromEntries([...boxes.map((field) => [field, false]), ...sent]) as PolicyChange;
  },
);

/** What a program changes of it: what it does not send stays as it is. */
export const policyChanges = asChanges(policy).transform((given) => given as PolicyChange);

/** Which page of the history. */
export const historyQuery = asQuery({ page: optional(whole(1, 100_000)) });

/** A state of the history is put back once its preview was confirmed. */
export const restorationForm = asForm({ confirmed: checkbox() });

function fieldOf(setting: Setting): Kind {
  const kind = kindOf(setting);
  return setting.about === undefined ? kind : described(kind, setting.about);
}

function kindOf(setting: Setting): Kind {
  switch (setting.kind) {
    case 'number': {
      const { min, max, label } = setting;
      return whole(min, max, `${label}: enter a whole number from ${min} to ${max}.`);
    }
    case 'flag':
      return box();
    case 'choice':
      return choice(Object.keys(setting.choices));
    case 'addresses':
      return addresses();
  }
}

function optionally(kinds: Input): Input {
  return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, optional(kind)]));
}
