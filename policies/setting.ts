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
export interface NumberSetting extends Words {
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

export interface FlagSetting extends Words {
  readonly kind: 'flag';
  readonly initial: boolean;
}

/** One of a few words. */
export interface ChoiceSetting<Choice extends string> extends Words {
  readonly kind: 'choice';
  readonly initial: NoInfer<Choice>;
  readonly choices: Readonly<Record<Choice, { readonly label: string; readonly hint: string }>>;
}

/** Addresses and ranges, separated by commas, spaces or lines; empty is all. */
export interface AddressesSetting extends Words {
  readonly kind: 'addresses';
  readonly initial: '';
}

export type Setting = NumberSetting | FlagSetting | ChoiceSetting<string> | AddressesSetting;

/** What a policy has of this setting. */
export type ValueOf<One> = One extends { kind: 'number' }
  ? number
  : One extends { kind: 'flag' }
    ? boolean
    : One extends ChoiceSetting<infer Choice>
      ? Choice
      : string;

export function number<const One extends Omit<NumberSetting, 'kind'>>(one: One) {
  return { kind: 'number' as const, ...one };
}

export function flag<const One extends Omit<FlagSetting, 'kind'>>(one: One) {
  return { kind: 'flag' as const, ...one };
}

export function choice<Choice extends string>(one: Omit<ChoiceSetting<Choice>, 'kind'>): ChoiceSetting<Choice> {
  return { kind: 'choice', ...one };
}

export function addresses<const One extends Omit<AddressesSetting, 'kind' | 'initial'>>(one: One) {
  return { kind: 'addresses' as const, initial: '' as const, ...one };
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
