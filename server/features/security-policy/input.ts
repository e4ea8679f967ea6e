import { POLICY_PRESETS } from '#policies/enumerations.js';
import type { PolicyPart, Setting } from '#policies/setting.js';
import { POLICY_FIELDS, settingOf, type PolicyField } from '#policies/settings.js';
import { addresses } from '#server/input/addresses.js';
import { box, checkbox, choice } from '#server/input/choices.js';
import {
  asBody,
  asChanges,
  asForm,
  asQuery,
  described,
  optional,
  otherwise,
  type Input,
  type Kind,
} from '#server/input/kind.js';
import { optionalId, readBack } from '#server/input/ids.js';
import { changedFrom, shownIn } from '#server/input/read.js';
import { shown } from '#server/input/shown.js';
import { whole } from '#server/input/numbers.js';
import { optionalMoment } from '#server/input/times.js';
import type { PolicyChange } from './change.js';
import { fieldsOf } from './words.js';

const policy: Input = {
  preset: described(choice(POLICY_PRESETS), 'Where the values of the password part are a preset’s, which one.'),
  ...Object.fromEntries(POLICY_FIELDS.map((field) => [field, fieldOf(settingOf(field))])),
};

/** When a change starts; where another waits already, the id of that one says that it is to be replaced. */
const later = {
  startsAt: described(
    optionalMoment(),
    'When the change starts, within a year; at once where it is left out. In your time zone; with a Z at its end in UTC.',
  ),
  replaces: described(
    otherwise(optionalId(), ''),
    'Where a change is set for later already: its id, to put this one in its place.',
  ),
};

interface LaterTyped {
  startsAt: string;
  replaces: string;
}

type Typed = Partial<Record<PolicyField | 'preset', unknown>>;

interface PolicyTyped extends LaterTyped, Typed {
  _shown?: Record<string, unknown> | undefined;
  /** Sent by the button that skips the preview: who would be hit by their own change is shown it all the same. */
  unreviewed: boolean;
}

/**
 * What the form of the policy says. The rule, whichever fields are sent:
 *
 * 1. As soon as one field of a part is sent, that part is taken by hand, the way browsers send it: a box that is not
 *    sent is off. A number that is not sent stays as it is.
 * 2. When none of the password part is sent and `preset` names one, all values of that part are the preset's.
 * 3. When both are sent, what was typed wins, and the preset only gives the numbers that were left out. Whether the
 *    outcome is still that preset is worked out from its values; else the policy is called `custom`.
 * 4. Where the form says what it showed, and no preset fills what is left out, a value that is still so is not sent: it
 *    stays as it may be by now.
 */
const typedPolicy = asForm({ ...optionally(policy), ...later, unreviewed: checkbox(), _shown: shown() });
export const policyForm = typedPolicy.transform(({ startsAt, replaces, unreviewed, _shown, ...typed }: PolicyTyped) => {
  const was = changeIn(_shown && typed.preset === undefined ? (shownIn(typedPolicy, _shown) as Typed) : {});
  const change: PolicyChange = { ...changedFrom({ ...was }, changeIn(typed)), seen: _shown };
  return { change, startsAt, replaces, unreviewed };
});

function changeIn(typed: Typed): PolicyChange {
  const parts = new Set<PolicyPart>();
  for (const field of POLICY_FIELDS) if (typed[field] !== undefined) parts.add(settingOf(field).part);
  const boxes = [...parts].flatMap(fieldsOf).filter((field) => settingOf(field).kind === 'flag');
  const sent = Object.entries(typed).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...boxes.map((field) => [field, false]), ...sent]) as PolicyChange;
}

// What was read may be sent back: the change that waits is changed by no field.
const scheduled = described(readBack(), 'As it was read; passed over.');

type Changed = PolicyChange & { scheduled?: unknown };

/** What a program changes of it: what it does not send stays as it is. */
export const policyChanges = asChanges({ ...policy, ...later, scheduled }).transform((given) => {
  const { startsAt = '', replaces = '', scheduled: _read, ...change } = given as Partial<LaterTyped> & Changed;
  return { change, startsAt, replaces };
});

/** The change that the page has asked about. */
export const takingBackForm = asForm({ scheduled: optional(optionalId()) });

/** Which page of the history. */
export const historyQuery = asQuery({ page: optional(whole(1, 100_000)) });

/** A state of the history is put back once its preview was confirmed. */
export const restorationForm = asForm({ confirmed: checkbox(), ...later, _shown: shown() });

/** The same by a program. */
export const restoration = asBody(later);

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
