import { basisOf } from '#policies/preset-gap.js';
import { PRESET_LABELS, type SecurityPolicy } from '#policies/security-policy.js';
import { fieldHint, fieldLabel, type PolicyPart, type Setting } from '#policies/setting.js';
import { settingOf, type PolicyField } from '#policies/settings.js';
import { fieldsOf, policyValue } from './words.js';

const TITLES: Readonly<Record<PolicyPart, string>> = {
  password: 'Passwords',
  sessions: 'Sign-in and sessions',
  twoFactor: 'Two-factor authentication',
  programs: 'Programs, addresses and the log',
};

export const PARTS = (Object.keys(TITLES) as PolicyPart[]).map((part) => ({ part, title: TITLES[part] }));

/** What the element of a field is given. */
interface FieldModel {
  element: 'field' | 'checkbox' | 'radios' | 'select' | 'textarea';
  given: Record<string, unknown>;
}

interface FieldGroup {
  /** Above the fields of the group; null where one stands alone, '' where they stand side by side. */
  words: string | null;
  fields: FieldModel[];
}

/** The fields of a part of the form, those of one group together. */
export function groupsOf(policy: SecurityPolicy, part: PolicyPart): FieldGroup[] {
  const groups: FieldGroup[] = [];
  const basis = basisOf(policy);
  for (const field of fieldsOf(part)) {
    const words = settingOf(field).group ?? null;
    const last = groups.at(-1);
    const group = words !== null && last?.words === words ? last : { words, fields: [] };
    if (group !== last) groups.push(group);
    group.fields.push(fieldModel(field, policy, basis));
  }
  return groups;
}

/** True where a value of this part is not as the preset has it. */
export function differsIn(policy: SecurityPolicy, part: PolicyPart): boolean {
  const basis = basisOf(policy);
  return fieldsOf(part).some((field) => policy[field] !== basis[field]);
}

function fieldModel(field: PolicyField, policy: SecurityPolicy, basis: SecurityPolicy): FieldModel {
  const setting: Setting = settingOf(field);
  const value = policy[field];
  const mark = value === basis[field] ? null : markOf(field, basis);
  const words = { name: field, label: fieldLabel(setting), hint: fieldHint(setting), mark };
  switch (setting.kind) {
    case 'flag':
      return { element: 'checkbox', given: { ...words, checked: value } };
    case 'choice': {
      const options = Object.entries(setting.choices).map(([choice, about]) => ({ value: choice, ...about }));
      return { element: 'radios', given: { ...words, options, chosen: value } };
    }
    case 'addresses':
      return { element: 'textarea', given: { ...words, lines: 4, value, required: false, code: true } };
    case 'number':
      return numberModel(setting.meanings, { ...words, value: String(value) }, setting);
  }
}

function markOf(field: PolicyField, basis: SecurityPolicy): string {
  const whose = settingOf(field).part === 'password' ? PRESET_LABELS[basis.preset] : 'what an organisation starts with';
  return `differs from ${whose}: ${policyValue(field, basis[field])}`;
}

function numberModel(
  meanings: readonly string[] | undefined,
  given: Record<string, unknown>,
  { min, max }: { min: number; max: number },
): FieldModel {
  if (meanings) {
    const options = meanings.map((label, choice) => ({ value: String(choice), label }));
    return { element: 'select', given: { ...given, options } };
  }
  const typed = { inputmode: 'numeric', width: 'short', maxlength: 4, required: true };
  return { element: 'field', given: { ...given, ...typed, min, max } };
}
