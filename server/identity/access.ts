import { type Model, type ModelStatic, Op } from 'sequelize';
import { AccessPass } from '#models/access-pass.js';
import { ApiCredential } from '#models/api-credential.js';
import { Challenge } from '#models/challenge.js';
import { KnownBrowser } from '#models/known-browser.js';
import { Link } from '#models/link.js';
import type { LinkKind } from '#policies/enumerations.js';
import { RememberedBrowser } from '#models/remembered-browser.js';
import { Session } from '#models/session.js';
import { SshKey } from '#models/ssh-key.js';
import { clientLine, type ClientDescription } from '#server/lib/client.js';
import { suspended, type AccessKind, type Occasion } from './access-kind.js';
import { factorKinds } from './factor-kind.js';

const EVERY_CHANGE = {
  disavowal: 'end',
  'reset by mail': 'end',
  'password change': 'end',
  'factor change': 'end',
  'sessions end': 'end',
  disabling: 'end',
  leaving: 'end',
} as const;

const mailed = (...kinds: LinkKind[]) => ({
  model: Link as ModelStatic<Model>,
  live: (now: number) => ({ kind: kinds, usedAt: null, expiresAt: { [Op.gt]: now } }),
  end: (at: number) => ({ usedAt: at }),
  nameOf: null,
});

const credential = (kind: ApiCredential['kind']) => ({
  model: ApiCredential as ModelStatic<Model>,
  live: (now: number) => ({ kind, revokedAt: null, expiresAt: { [Op.or]: [null, { [Op.gt]: now }] } }),
  end: (at: number, occasion: Occasion) => ({
    revokedAt: at,
    endedBecause: occasion === 'disavowal' ? 'disavowed' : 'reset',
  }),
  on: { disavowal: 'end', 'reset by mail': 'end what is newer' } as const,
});

const described = (row: Model): string => clientLine(JSON.parse(String(row.get('client'))) as ClientDescription | null);

/**
 * THE LIST of what lets somebody in: a row for each kind, and those of the factors, which each kind of factor brings. Whoever adds a credential or a link adds its row, and
 * *This wasn't me*, a reset by mail, the end of all sessions, disabling, removal, suspension and the policy walk it. A
 * test compares it with the tables that refer to `users`. What is not ended by a suspension, a disabling or a leaving lets
 * nobody in while that lasts: every door asks how organisation and account stand. So rest the credentials of a leaver.
 */
export function accessKinds(): AccessKind[] {
  return [...ACCESS, ...factorKinds().flatMap(({ access }) => access)];
}

const ACCESS: readonly AccessKind[] = [
  {
    name: 'sessions',
    model: Session as ModelStatic<Model>,
    live: () => ({ endedAt: null }),
    end: (at) => ({ endedAt: at }),
    nameOf: described,
    on: { ...EVERY_CHANGE, suspension: 'end' },
    policy: ['sessionMaxHours', 'sessionIdleMinutes', 'maxSessions'],
  },
  { name: 'links', ...mailed('invitation', 'password-reset', 'enrolment'), on: EVERY_CHANGE },
  { name: 'pending-addresses', ...mailed('email-change'), on: EVERY_CHANGE },
  {
    // Whoever takes an account over must not be able to void what its owner can do about it.
    name: 'disavowal-links',
    ...mailed('disavowal'),
    on: { disavowal: 'end' },
  },
  {
    // Nor to void what puts back the factors that were taken away to get in.
    name: 'undo-links',
    ...mailed('undo'),
    on: { disavowal: 'end' },
  },
  {
    name: 'challenges',
    model: Challenge as ModelStatic<Model>,
    live: (now) => ({ endedAt: null, createdAt: { [Op.gt]: now - Challenge.LIFE } }),
    end: (at) => ({ endedAt: at }),
    nameOf: null,
    on: { ...EVERY_CHANGE, suspension: 'end' },
  },
  {
    name: 'access-passes',
    model: AccessPass as ModelStatic<Model>,
    live: (now) => AccessPass.live(now),
    end: (at) => ({ usedAt: at }),
    nameOf: null,
    on: EVERY_CHANGE,
  },
  {
    name: 'known-browsers',
    model: KnownBrowser as ModelStatic<Model>,
    live: () => ({}),
    end: null,
    nameOf: null,
    on: { disavowal: 'end' },
  },
  {
    name: 'remembered-browsers',
    model: RememberedBrowser as ModelStatic<Model>,
    live: (now) => ({ endedAt: null, expiresAt: { [Op.gt]: now } }),
    end: (at) => ({ endedAt: at }),
    nameOf: described,
    on: EVERY_CHANGE,
    policy: ['rememberBrowserDays'],
  },
  {
    name: 'api-tokens',
    ...credential('token'),
    nameOf: (row) => `the API token “${String(row.get('name'))}”`,
    policy: ['tokenMaxMonths'],
  },
  { name: 'api-keys', ...credential('key'), nameOf: () => 'the API key', policy: ['tokenMaxMonths'] },
  {
    name: 'api-passwords',
    ...credential('password'),
    nameOf: () => 'the API password',
    policy: ['tokenMaxMonths'],
  },
  {
    // Nobody can judge by its date whose a key is: the owner puts the good ones back.
    name: 'ssh-keys',
    ...suspended(SshKey as ModelStatic<Model>, (now) => ({ expiresAt: { [Op.or]: [null, { [Op.gt]: now }] } })),
    nameOf: (row) => `the SSH key “${String(row.get('name'))}” (${String(row.get('fingerprint'))})`,
    on: { disavowal: 'suspend what is newer', 'reset by mail': 'suspend what is newer' },
  },
];
