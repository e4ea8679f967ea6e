import { EVENTS, type EventName } from '#server/trace/events.js';

// By what an event's name begins with. What is new and stands nowhere is found under "Other".
const TOPICS: readonly (readonly [label: string, nouns: readonly string[]])[] = [
  ['Signing in', ['sign-in', 'sign-out', 'session', 'sessions', 'browser', 'access', 'step-up', 'account']],
  [
    'Passwords and second factors',
    ['password', 'two-factor', 'recovery-codes', 'recovery-code', 'passkey', 'access-pass'],
  ],
  ['Credentials of programs', ['api-token', 'api-key', 'api-password', 'api-credential', 'api-credentials', 'ssh-key']],
  ['People', ['user', 'users', 'username', 'invitation', 'email', 'profile', 'activity']],
  ['Roles, policy and organisation', ['role', 'policy', 'tenant', 'setup', 'key', 'notification']],
  ['The log', ['log', 'demo']],
];

const OTHER = 'Other';

/** The events by topic, each topic by the words of its events: the options of a select. */
export const EVENTS_BY_TOPIC = groupedByTopic();

function groupedByTopic() {
  const options = (Object.keys(EVENTS) as EventName[])
    .map((value) => ({ value, label: EVENTS[value].label, topic: topicOf(value) }))
    .sort((one, other) => one.label.localeCompare(other.label, 'en'));
  return [...TOPICS.map(([label]) => label), OTHER].flatMap((label) => {
    const own = options
      .filter(({ topic }) => topic === label)
      .map(({ value, label: words }) => ({ value, label: words }));
    return own.length === 0 ? [] : [{ label, options: own }];
  });
}

function topicOf(event: string): string {
  const noun = event.slice(0, event.indexOf('.') === -1 ? undefined : event.indexOf('.'));
  return TOPICS.find(([, nouns]) => nouns.includes(noun))?.[0] ?? OTHER;
}
