/** The part of the security policy's form and facts that a setting stands in. */
export type PolicyPart = 'password' | 'sessions' | 'twoFactor' | 'programs';

interface Words {
  readonly part: PolicyPart;
  /** What facts, previews and the log call it. */
  readonly label: string;
  /** What the form calls it; the label and, of a number, its unit, where nothing is said. */
  readonly field?: string;
  /** In it, `{range}` and, at its beginning, `{Range}` are "from 1 to 12". */
  readonly hint?: string;
  /** Settings of one group that follow each other stand together in the form: under these words, or side by side. */
  readonly group?: string;
  /** What the description of the API adds. */
  readonly about?: string;
}

/** A whole number; both ends of the range are included. */
interface NumberSetting extends Words {
  readonly kind: 'number';
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** After the number: one, and more than one. */
  readonly units: readonly [string, string];
  /** What 0 means. */
  readonly none?: string;
  /** Where each number is chosen by what it means. */
  readonly meanings?: readonly string[];
}

interface FlagSetting extends Words {
  readonly kind: 'flag';
  readonly initial: boolean;
}

/** One of a few words. */
interface ChoiceSetting extends Words {
  readonly kind: 'choice';
  readonly initial: string;
  readonly choices: Readonly<Record<string, { readonly label: string; readonly hint: string }>>;
}

/** Addresses and ranges, separated by commas, spaces or lines; empty is all. */
interface AddressesSetting extends Words {
  readonly kind: 'addresses';
  readonly initial: '';
}

export type Setting = NumberSetting | FlagSetting | ChoiceSetting | AddressesSetting;

/** What a policy has of this setting. */
export type ValueOf<One> = One extends { kind: 'number' }
  ? number
  : One extends { kind: 'flag' }
    ? boolean
    : One extends { kind: 'choice'; choices: infer Choices }
      ? keyof Choices & string
      : string;

/** True of a value that can be chosen of this setting. */
export function isPolicyValue(one: Setting, value: unknown): boolean {
  switch (one.kind) {
    case 'number':
      return typeof value === 'number' && Number.isInteger(value) && value >= one.min && value <= one.max;
    case 'flag':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && Object.hasOwn(one.choices, value);
    case 'addresses':
      return typeof value === 'string';
  }
}

/** What a form calls the field of this setting. */
export function fieldLabel(one: Setting): string {
  return one.field ?? (one.kind === 'number' ? `${one.label} (${one.units[1]})` : one.label);
}

/** What a form says below it. */
export function fieldHint(one: Setting): string | null {
  if (one.hint === undefined || one.kind !== 'number') return one.hint ?? null;
  const range = `${one.min} to ${one.max}`;
  return one.hint.replace('{range}', `from ${range}`).replace('{Range}', `From ${range}`);
}
