import { SecurityPolicy } from '#models/security-policy.js';
import { DAY } from '#server/lib/clock.js';
import { factoryTemplate } from '#server/mail/factory.js';
import { freshSshKey } from '../support/programs.js';
import type { Scene } from './authority-scene.js';

/** A call that would be done, if its credential still may when the last of its body comes. */
export interface GoodCall {
  from: 'desk' | 'operator' | 'nobody';
  path?(scene: Scene): string;
  body(scene: Scene): object | string;
  /** What must be so for it to do anything. */
  first?(scene: Scene): Promise<unknown>;
}

const at = (name: string, before: string, after = '') => ({
  path: ({ ids }: Scene) => before + (ids[name] ?? '') + after,
});
const owner = { ownerName: 'Hank Scorpio', ownerUsername: 'hank', ownerEmail: 'hank@globex.example' };
const reason = 'Lost the phone';

const { text, html } = factoryTemplate('new-sign-in', 'en');
/** What puts back an earlier policy needs one that is another. */
const changedSince = ({ desk: { tenantId } }: Scene): Promise<unknown> =>
  SecurityPolicy.update({ sessionIdleMinutes: 17 }, { where: { tenantId } });

const WORDING = { text, html };

/** For every call of the API that has a body, by method and path: a good one. */
export const GOOD_CALLS: Readonly<Record<string, GoodCall>> = {
  'PATCH /me': { from: 'desk', body: () => ({ name: 'Desk the Second' }) },
  'POST /me/ssh-keys': { from: 'desk', body: () => ({ name: 'Laptop', publicKey: freshSshKey() }) },
  'POST /users': {
    from: 'desk',
    body: ({ ids }) => ({
      username: 'mallory',
      name: 'Mallory',
      email: 'mallory@acme.example',
      roleIds: [ids['umasRole']],
    }),
  },
  'POST /users/bulk': { from: 'desk', body: ({ ids }) => ({ action: 'disable', ids: [ids['uma']] }) },
  'POST /users/import': {
    from: 'desk',
    body: () => ({ csv: 'username,name,email\nmallory,Mallory,mallory@acme.example' }),
  },
  'PATCH /users/:id': { from: 'desk', ...at('uma', '/users/'), body: () => ({ name: 'Uma the Second' }) },
  'POST /users/:id/two-factor': {
    from: 'desk',
    ...at('expert', '/users/', '/two-factor'),
    body: () => ({ state: 'pending', reason }),
  },
  'DELETE /users/:id/two-factor': { from: 'desk', ...at('expert', '/users/', '/two-factor'), body: () => ({ reason }) },
  'DELETE /users/:id/passkeys': { from: 'desk', ...at('keyed', '/users/', '/passkeys'), body: () => ({ reason }) },
  'POST /approvals/:id/refusal': {
    from: 'desk',
    ...at('request', '/approvals/', '/refusal'),
    body: () => ({ reason: 'Nobody knows what for' }),
  },
  'DELETE /users/:id/lock': { from: 'desk', ...at('uma', '/users/', '/lock'), body: () => ({ reason }) },
  'POST /roles': { from: 'desk', body: () => ({ name: 'Help desk', permissions: ['users:read'] }) },
  'PATCH /roles/:id': { from: 'desk', ...at('spareRole', '/roles/'), body: () => ({ permissions: ['log:read'] }) },
  'POST /roles/preview': { from: 'desk', body: () => ({ name: 'Help desk', permissions: ['users:read'] }) },
  'POST /roles/:id/preview': {
    from: 'desk',
    ...at('spareRole', '/roles/', '/preview'),
    body: () => ({ permissions: ['log:read'] }),
  },
  'PUT /security-policy': { from: 'desk', body: () => ({ sessionIdleMinutes: 17 }) },
  'POST /security-policy/history/:id/restoration': {
    from: 'desk',
    ...at('policyEntry', '/security-policy/history/', '/restoration'),
    body: () => ({}),
    first: changedSince,
  },
  'POST /security-policy/preview': { from: 'desk', body: () => ({ sessionIdleMinutes: 17 }) },
  'PATCH /organisation': { from: 'desk', body: () => ({ accountRemovalDays: 7 }) },
  'PUT /notifications/:event': {
    from: 'desk',
    path: () => '/notifications/new-sign-in',
    body: () => ({ subject: 'Anew', ...WORDING }),
  },
  'POST /notifications/:event/preview': {
    from: 'desk',
    path: () => '/notifications/new-sign-in/preview',
    body: () => ({ subject: 'Anew', ...WORDING }),
  },
  'POST /notifications/:event/test': {
    from: 'desk',
    path: () => '/notifications/new-sign-in/test',
    body: () => ({ subject: 'Anew', ...WORDING }),
  },
  'POST /notifications/:event/restoration': {
    from: 'desk',
    path: () => '/notifications/new-sign-in/restoration',
    body: () => ({}),
  },
  'PUT /security-log/checkpoints/mail': { from: 'desk', body: () => ({ wanted: true }) },
  'POST /tenants': { from: 'operator', body: () => ({ name: 'Hooli', slug: 'hooli', ...owner }) },
  'PATCH /tenants/:id': { from: 'operator', ...at('globex', '/tenants/'), body: () => ({ status: 'suspended' }) },
  'POST /credentials/removal': { from: 'desk', body: ({ ids }) => ({ ids: [ids['umasToken']] }) },
  'POST /credentials/shortening': {
    from: 'desk',
    body: ({ ids, portal }) => ({
      ids: [ids['umasToken']],
      expiresAt: new Date(portal.clock.now() + DAY).toISOString(),
    }),
  },
  'POST /introspect': { from: 'desk', body: ({ tokens }) => `token=${tokens.operator.secret}` },
  'POST /credentials/leaked': { from: 'nobody', body: ({ tokens }) => ({ tokens: [tokens.desk.secret] }) },
};

/** Change nothing, so that only what they answer can be held. */
export const READING = new Set([
  'POST /roles/preview',
  'POST /roles/:id/preview',
  'POST /security-policy/preview',
  'POST /notifications/:event/preview',
  'POST /introspect',
]);

/** Stand on nobody's authority: whoever has a secret in hand may say that it is out. */
export const BY_ANYBODY = new Set(['POST /credentials/leaked']);
