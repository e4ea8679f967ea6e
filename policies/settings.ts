import { PASSKEY_SETTINGS } from './passkey-settings.js';
import { PASSWORD_SETTINGS } from './password-settings.js';
import { RECOVERY_SETTINGS } from './recovery-settings.js';
import type { Setting, ValueOf } from './setting.js';

/**
 * The security policy of an organisation, a row a setting: column, form, API, preview and words are made from it. In the
 * order in which they are shown. The ranges are what the platform lets an organisation choose; where the preset has no
 * say, the first values are those of OWASP's session guidance, the lock-out far below the 100 attempts that NIST allows.
 */
const SETTINGS = {
  ...PASSWORD_SETTINGS,
  lockoutThreshold: {
    kind: 'number',
    part: 'sessions',
    label: 'Lock an account after',
    units: ['wrong password', 'wrong passwords'],
    min: 3,
    max: 20,
    initial: 5,
    hint: '{Range}. It is locked for five minutes at first, and opens by itself.',
  },
  sessionIdleMinutes: {
    kind: 'number',
    part: 'sessions',
    label: 'Sign out when idle for',
    units: ['minute', 'minutes'],
    group: '',
    min: 5,
    max: 480,
    initial: 30,
    hint: '{Range}.',
  },
  sessionMaxHours: {
    kind: 'number',
    part: 'sessions',
    label: 'Sign out after',
    units: ['hour', 'hours'],
    group: '',
    min: 1,
    max: 168,
    initial: 12,
    hint: 'Idle or not. {Range}.',
  },
  maxSessions: {
    kind: 'number',
    part: 'sessions',
    label: 'Sessions at once',
    field: 'Sessions at once',
    units: ['session', 'sessions'],
    group: '',
    min: 1,
    max: 100,
    initial: 20,
    hint: 'Of one person, {range}. The oldest ends.',
  },
  stepUpMinutes: {
    kind: 'number',
    part: 'sessions',
    label: 'Confirm again after',
    units: ['minute', 'minutes'],
    group: '',
    min: 1,
    max: 60,
    initial: 10,
    hint: 'Before a sensitive step. {Range}.',
  },
  twoFactor: {
    kind: 'choice',
    part: 'twoFactor',
    label: 'Two-factor authentication',
    field: 'Who must have it',
    initial: 'optional',
    choices: {
      off: { label: 'Off', hint: 'Nobody is offered it. Who has it keeps it.' },
      optional: { label: 'Optional', hint: 'Everybody may set it up; roles and administrators can demand it.' },
      required: { label: 'Required of all', hint: 'Everybody must set it up within the days below.' },
    },
  },
  graceDays: {
    kind: 'number',
    part: 'twoFactor',
    label: 'Time to set it up',
    units: ['day', 'days'],
    none: 'None',
    group: '',
    min: 0,
    max: 90,
    initial: 14,
    hint: '{Range}. Before that a banner names the date; after it, nothing else can be done.',
  },
  rememberBrowserDays: {
    kind: 'number',
    part: 'twoFactor',
    label: 'A browser may be remembered for',
    units: ['day', 'days'],
    none: 'Never',
    group: '',
    min: 0,
    max: 30,
    initial: 0,
    hint: '{Range}; 0 is never. A remembered browser is not asked for a code.',
  },
  ...PASSKEY_SETTINGS,
  ...RECOVERY_SETTINGS,
  tokenMaxMonths: {
    kind: 'number',
    part: 'programs',
    label: 'Longest validity of API credentials',
    units: ['month', 'months'],
    min: 1,
    max: 12,
    initial: 12,
    hint: '{Range}. API keys and API passwords end after so long; tokens, then or before. Who may make them is a permission of their role.',
  },
  allowPasswordOnApi: {
    kind: 'flag',
    part: 'programs',
    label: 'Sign-in password on the API',
    field: 'The sign-in password works for HTTP Basic on the API',
    hint: 'Only for people without two-factor authentication. An API password is safer.',
    about: 'Whether HTTP Basic on the API takes the sign-in password.',
    initial: false,
  },
  logRetentionDays: {
    kind: 'number',
    part: 'programs',
    label: 'Rows of the security log may be archived after',
    units: ['day', 'days'],
    none: 'Never',
    min: 0,
    max: 3650,
    initial: 0,
    hint: '0 is never; else from 365 to 3650. Nothing goes by itself: “gatehouse log archive” moves what is older than this, and before an exported checkpoint, into a file.',
    about: 'After how many days rows of the security log may be moved into an archive: 0 for never, else 365 to 3650.',
  },
  allowedIps: {
    kind: 'addresses',
    part: 'programs',
    initial: '',
    label: 'Allowed IP addresses',
    hint: 'One address or range a line. Pages and the API then answer nobody else of this organisation. Leave it empty to allow all.',
    about: 'Addresses and ranges, such as `203.0.113.0/24`; empty for anywhere.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** What an organisation decides about the security of its accounts. */
export type PolicyField = keyof typeof SETTINGS;
export type PolicyValues = { readonly [Field in PolicyField]: ValueOf<(typeof SETTINGS)[Field]> };

export const POLICY_FIELDS = Object.keys(SETTINGS) as readonly PolicyField[];

/** The setting of a field, for what goes through all of them. */
export function settingOf(field: PolicyField): Setting {
  return SETTINGS[field];
}

/** What an organisation starts with. */
export function initialValues(): PolicyValues {
  const values = POLICY_FIELDS.map((field) => [field, SETTINGS[field].initial]);
  return Object.fromEntries(values) as unknown as PolicyValues;
}
