import { EVENTS, type EventName } from '#server/trace/events.js';
import { methodsIn, methodsInWords } from '#policies/authentication.js';
import { plainLetters } from '#policies/text.js';
import { POLICY_FIELDS } from '#policies/settings.js';
import { policyLabel, policyValue } from '../security-policy/words.js';
import { objectIn } from '#server/lib/json-object.js';
import { isChange } from '#server/trace/details.js';

/** One detail of a row: a fact, or what something was and is now. */
export interface DetailInWords {
  label: string;
  value: string;
  /** What it was before; null where nothing changed. */
  from: string | null;
}

/** The details of a row, as the log keeps them, in words. What cannot be read is shown as it stands: it may be why somebody looks. */
export function detailsInWords(json: string): DetailInWords[] {
  const details = objectIn(json);
  if (details === null) return [{ label: 'Details', value: json, from: null }];
  return Object.entries(details).map(([field, value]) => {
    const label = labelOf(field);
    if (!isChange(value)) return { label, value: valueOf(field, value), from: null };
    return { label, value: valueOf(field, value.to), from: valueOf(field, value.from) };
  });
}

/** The names of events that have each of these words in their name. */
export function eventsNamed(text: string): EventName[] {
  const wanted = plainLetters(text).split(' ').filter(Boolean);
  return EVENT_NAMES.filter((event) => {
    const name = `${plainLetters(EVENTS[event].label)} ${event}`;
    return wanted.length > 0 && wanted.every((word) => name.includes(word));
  });
}

/** The fields of the details that are called like this on the page. */
export function fieldsNamed(text: string): string[] {
  const wanted = text.toLowerCase();
  return [...Object.keys(LABELS), ...POLICY_FIELDS].filter((field) => labelOf(field).toLowerCase().includes(wanted));
}

const EVENT_NAMES = Object.keys(EVENTS) as EventName[];

// What a detail is called, on the page and in the search. A test holds that each which is recorded stands here.
const LABELS: Readonly<Record<string, string>> = {
  about: 'About',
  accountRemovalDays: 'Days of grace of who deletes their account',
  action: 'Action',
  at: 'At',
  browsersForgotten: 'Browsers asked for a code again',
  by: 'By',
  colour: 'Colour',
  count: 'How many',
  counter: 'Counter',
  credential: 'Credential',
  dailyDigest: 'Daily digest by mail',
  days: 'Days',
  defaultLocale: 'Language of who is new',
  defaultMustChangePassword: 'Who is new must choose a new password',
  defaultMustSetUpTwoFactor: 'Who is new must set up two-factor authentication',
  defaultRoleId: 'Role of who is new',
  defaultTimeZone: 'Time zone of who is new',
  demonstration: 'Demonstration',
  disavowed: 'Disavowed',
  done: 'Done',
  email: 'E-mail address',
  engine: 'Database',
  file: 'File',
  filters: 'Only',
  fingerprint: 'Fingerprint',
  firstAt: 'First of them',
  format: 'As',
  goesAt: 'Goes on',
  from: 'From',
  job: 'Job',
  key: 'Secret key',
  kind: 'Kind',
  lastAt: 'Last of them',
  left: 'Left',
  lockedFor: 'Locked for',
  locale: 'Language',
  mail: 'Mail',
  madeAt: 'Made at',
  methods: 'Signed in by',
  minutes: 'Minutes',
  mustSetUpTwoFactor: 'Must set up two-factor authentication',
  expiresAt: 'Expires',
  name: 'Name',
  newBrowser: 'New browser',
  owner: 'Owner',
  people: 'People',
  permissions: 'Permissions',
  readOnly: 'Read only',
  reason: 'Reason',
  refused: 'Refused',
  removal: 'Removal of the account',
  requiresPhishingResistant: 'Requires a passkey',
  requiresTwoFactor: 'Requires two-factor authentication',
  resetLink: 'Reset link',
  restored: 'Put back from the history',
  role: 'Role',
  replacement: 'Role in its place',
  roles: 'Roles',
  rows: 'Rows',
  sent: 'Sent',
  sessionsEnded: 'Sessions ended',
  logo: 'Logo',
  signInMessage: 'Message on the sign-in page',
  size: 'Size in bytes',
  slug: 'Short name',
  route: 'Asked for',
  startsAt: 'Starts at',
  status: 'Status',
  synced: 'Synced',
  signInAlone: 'Signs in alone',
  timeZone: 'Time zone',
  times: 'Again',
  tokensNeedApproval: 'Tokens need an approval',
  to: 'Up to',
  tries: 'Tries',
  type: 'Type',
  userId: 'User id',
  username: 'Username',
  users: 'Users',
  waiting: 'Not done',
  wanted: 'Wanted',
  version: 'Version',
  withoutCode: 'Without code',
  wording: 'Wording',
};

function labelOf(field: string): string {
  const known = policyLabel(field) ?? LABELS[field];
  if (known !== undefined) return known;
  const words = field.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

function valueOf(field: string, value: unknown): string {
  // An id tells people nothing; its end tells two apart.
  if (typeof value === 'string' && ID.test(value)) return `…${value.slice(-6)}`;
  if (value === null || value === undefined || value === '') return 'None';
  if (field === 'times') return `${JSON.stringify(value)} more ${value === 1 ? 'time' : 'times'} within a minute`;
  if (field === 'methods' && Array.isArray(value)) return methodsInWords(methodsIn(value.join(' ')));
  if (Array.isArray(value)) return value.length === 0 ? 'None' : value.map(String).join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  return policyValue(field, value);
}
