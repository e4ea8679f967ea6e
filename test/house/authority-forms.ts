import { newId } from '#models/columns.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { UserRole } from '#models/user-role.js';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest } from '#server/context.js';
import { reserveName } from '#server/identity/former-name.js';
import type { Fields } from '../support/browser.js';
import { PASSWORD } from '../support/portal.js';
import { freshSshKey } from '../support/programs.js';
import { APPROVAL_FORMS } from './authority-forms-approvals.js';
import { CHECKUP_FORMS } from './authority-forms-checkup.js';
import { CREDENTIAL_FORMS } from './authority-forms-credentials.js';
import { JOB_FORMS } from './authority-forms-jobs.js';
import { POLICY_FORMS } from './authority-forms-policy.js';
import { ORGANISATION_FORMS } from './authority-forms-organisation.js';
import { PASS_FORMS } from './authority-forms-passes.js';
import { NEW_PASSWORD, type Scene, type Sender } from './authority-scene.js';

/** A form that would be done, if its sender still may when the last of it comes. */
export interface GoodForm {
  from(scene: Scene): Sender;
  on?: 'challenge' | 'link' | 'password' | 'passkey';
  /** Whose authority it stands on, where that is not the sender. */
  whose?(scene: Scene): string;
  path?(scene: Scene): string;
  fields(scene: Scene): Fields;
  /** What must be so before. */
  first?(scene: Scene): Promise<unknown>;
  /** Ways that do not end it, each with the reason. */
  despite?: Record<string, string>;
  /** Tables in which the refusal itself leaves something: a right password from outside is mailed to its owner. */
  news?: readonly string[];
  /** Tables and events in which a proof leaves something that was good, where what it was given for is then refused. */
  spent?: readonly string[];
}

const desk = ({ desk: one }: Scene): Sender => one;
const keyed = ({ keyed: one }: Scene): Sender => one;
const operator = ({ operator: one }: Scene): Sender => one;
const visitor = ({ visitor: one }: Scene): Sender => one;
const nothing = (): Fields => ({});
const pair = { newPassword: NEW_PASSWORD, confirmPassword: NEW_PASSWORD };
const at = (name: string, before: string, after = '') => ({
  path: ({ ids }: Scene) => before + (ids[name] ?? '') + after,
});
const on = (name: string, before: string, after = '') => ({ from: desk, ...at(name, before, after), fields: nothing });
const token = ({ ids }: Scene): Fields => ({ name: 'Nightly', months: '3', roleId: ids['role'] ?? '' });
const owner = { ownerName: 'Hank Scorpio', ownerUsername: 'hank', ownerEmail: 'hank@globex.example' };
// Only an owner frees one.
const freeable = async ({ portal, desk: { userId, tenantId } }: Scene): Promise<void> => {
  await UserRole.upsert({ tenantId, userId, roleId: (await Role.factory(tenantId, 'owner')).id });
  await reserveName(contextWithoutRequest(portal.services, SYSTEM, 'job'), tenantId, 'formerly', newId());
};
// Asked once, and answered: that is over, whatever it was for.
const ASKED = ['passkey_challenges', 'passkeys'];
const MAY_GO_OUT = {
  'the sender is outside the addresses of the organisation': 'Signing out is open from everywhere.',
};

/** For every POST of the portal, by its path: a good form. */
export const GOOD_FORMS: Readonly<Record<string, GoodForm>> = {
  '/login': {
    from: visitor,
    on: 'password',
    fields: () => ({ organization: 'acme', username: 'uma', password: PASSWORD, next: '' }),
    news: ['links', 'outbox_messages'],
  },
  '/logout': { from: desk, fields: nothing, despite: MAY_GO_OUT },
  '/login/two-factor': {
    from: ({ half }) => half,
    on: 'challenge',
    fields: ({ half }) => ({ code: half.phone.code() }),
  },
  '/login/two-factor/passkey': {
    from: ({ halfKeyed }) => halfKeyed,
    on: 'challenge',
    fields: ({ halfKeyed }) => ({ credential: halfKeyed.answer }),
    spent: ASKED,
  },
  '/login/recovery': {
    from: ({ half }) => half,
    on: 'challenge',
    fields: ({ half }) => ({ recoveryCode: half.codes[0] ?? '' }),
    // Whoever has seen it could use it again: it is burned by being right, and its owner is told.
    spent: ['recovery_codes', 'links', 'outbox_messages', 'recovery-code.used'],
  },
  '/login/two-factor/setup': {
    from: ({ halfToSetUp }) => halfToSetUp,
    on: 'challenge',
    fields: ({ halfToSetUp }) => ({ code: halfToSetUp.phone.code() }),
  },
  '/password/forgot': {
    from: visitor,
    on: 'link',
    fields: () => ({ organization: 'acme', username: 'uma' }),
    despite: { 'the link is void': 'It makes one.' },
  },
  '/password/reset/:token': {
    from: visitor,
    on: 'link',
    whose: () => 'acme/lost',
    path: ({ paths }) => paths.reset,
    fields: () => pair,
  },
  '/invitations/:token': {
    from: visitor,
    on: 'link',
    whose: () => 'acme/iris',
    path: ({ paths }) => paths.invitation,
    fields: () => pair,
  },
  '/confirm': { from: desk, fields: () => ({ password: PASSWORD, next: '/security' }) },
  '/confirm/passkey': {
    from: keyed,
    fields: ({ keyed: { confirmation } }) => ({ credential: confirmation, next: '/security' }),
    spent: ASKED,
  },
  '/security/password': { from: desk, fields: () => ({ currentPassword: PASSWORD, ...pair }) },
  '/login/password': { from: ({ limited }) => limited, fields: () => pair },
  '/security/two-factor/setup': { from: desk, fields: nothing },
  '/security/two-factor/confirmation': {
    from: ({ beginner }) => beginner,
    fields: ({ beginner }) => ({ code: beginner.phone.code() }),
  },
  '/security/two-factor/cancellation': { from: ({ beginner }) => beginner, fields: nothing },
  '/security/two-factor/removal': {
    from: ({ expert }) => expert,
    fields: ({ expert }) => ({ password: PASSWORD, code: expert.phone.code() }),
  },
  '/security/passkeys': {
    from: keyed,
    fields: ({ keyed: { creation } }) => ({ name: 'Spare', credential: creation }),
    spent: ASKED,
  },
  '/security/passkeys/:id': {
    from: keyed,
    ...at('passkey', '/security/passkeys/'),
    fields: () => ({ name: 'Renamed' }),
  },
  '/security/passkeys/:id/removal': {
    from: keyed,
    ...at('passkey', '/security/passkeys/', '/removal'),
    fields: nothing,
  },
  '/security/passkeys/:id/restoration': {
    from: keyed,
    ...at('suspendedPasskey', '/security/passkeys/', '/restoration'),
    fields: nothing,
  },
  '/admin/users/:id/passkeys/:passkeyId/removal': {
    from: desk,
    path: ({ ids }) => `/admin/users/${ids['keyed'] ?? ''}/passkeys/${ids['passkey'] ?? ''}/removal`,
    fields: () => ({ reason: 'Lost the key' }),
  },
  '/security/recovery-codes': { from: ({ expert }) => expert, fields: nothing },
  '/security/sessions/others/removal': { from: desk, fields: nothing },
  '/security/sessions/:id/removal': on('session', '/security/sessions/', '/removal'),
  '/security/remembered-browsers/:id/removal': on('rememberedBrowser', '/security/remembered-browsers/', '/removal'),
  '/security/tokens': { from: desk, fields: token },
  '/security/tokens/preview': { from: desk, fields: token },
  '/security/tokens/:id/rotation': {
    ...on('token', '/security/tokens/', '/rotation'),
    fields: () => ({ overlapHours: '0' }),
  },
  '/security/tokens/:id/removal': on('token', '/security/tokens/', '/removal'),
  '/security/api-key': { from: desk, fields: nothing },
  '/security/api-key/removal': { from: desk, fields: nothing },
  '/security/api-password': { from: desk, fields: nothing },
  '/security/api-password/removal': { from: desk, fields: nothing },
  '/security/ssh-keys': { from: desk, fields: () => ({ name: 'Laptop', publicKey: freshSshKey(), expiresOn: '' }) },
  '/security/ssh-keys/:id/removal': on('sshKey', '/security/ssh-keys/', '/removal'),
  '/security/ssh-keys/:id/restoration': on('suspendedKey', '/security/ssh-keys/', '/restoration'),
  ...CHECKUP_FORMS,
  ...JOB_FORMS,
  ...APPROVAL_FORMS,
  ...PASS_FORMS,
  '/admin/roles': { from: desk, fields: () => ({ name: 'Help desk', description: '', permissions: ['users:read'] }) },
  '/admin/roles/:id': {
    ...on('spareRole', '/admin/roles/'),
    fields: () => ({ name: 'Spare', description: 'Now with the log', permissions: ['users:read', 'log:read'] }),
  },
  '/admin/roles/preview': {
    from: desk,
    fields: () => ({ name: 'Help desk', description: '', permissions: ['users:read'] }),
  },
  '/admin/roles/:id/preview': {
    ...on('spareRole', '/admin/roles/', '/preview'),
    fields: () => ({ name: 'Spare', permissions: ['users:read'] }),
  },
  '/admin/roles/:id/removal': on('spareRole', '/admin/roles/', '/removal'),
  ...CREDENTIAL_FORMS,
  '/security/activity/:id/disavowal': { from: desk, path: ({ paths }) => paths.ownDisavowal, fields: nothing },
  '/disavowal/:token': {
    from: visitor,
    on: 'link',
    whose: () => 'acme/desk',
    path: ({ paths }) => paths.disavowal,
    fields: nothing,
    despite: { 'the user is disabled': 'Whose account was taken must be heard, whatever has become of it.' },
  },
  '/profile': {
    from: desk,
    fields: () => ({
      name: 'Desk the Second',
      email: 'desk@acme.example',
      locale: 'en',
      timeZone: 'UTC',
      theme: 'dark',
    }),
  },
  '/email/confirm/:token': {
    from: visitor,
    on: 'link',
    whose: () => 'acme/desk',
    path: ({ paths }) => paths.email,
    fields: nothing,
  },
  '/profile/email/cancellation': { from: desk, fields: nothing },
  '/account/removal': { from: desk, fields: () => ({ username: 'desk', password: PASSWORD, code: '' }) },
  ...ORGANISATION_FORMS,
  '/admin/users': {
    from: desk,
    fields: ({ ids }) => ({
      name: 'Mallory',
      username: 'mallory',
      email: 'mallory@acme.example',
      roleIds: ids['umasRole'] ?? '',
      onboarding: 'password',
      password: NEW_PASSWORD,
    }),
  },
  '/admin/users/former': {
    from: desk,
    fields: () => ({ username: 'formerly' }),
    first: freeable,
    despite: { 'the permissions are taken out of the role': 'The role of owner, which it takes, has them still.' },
  },
  '/admin/users/:id': {
    ...on('uma', '/admin/users/'),
    fields: ({ ids }) => ({
      name: 'Uma the Second',
      username: 'uma',
      email: 'uma@acme.example',
      roleIds: ids['umasRole'] ?? '',
      status: 'active',
    }),
  },
  '/admin/users/:id/unlock': on('uma', '/admin/users/', '/unlock'),
  '/admin/users/:id/invitation': on('iris', '/admin/users/', '/invitation'),
  '/admin/users/:id/password-reset': on('uma', '/admin/users/', '/password-reset'),
  '/admin/users/:id/password-expiry': on('uma', '/admin/users/', '/password-expiry'),
  '/admin/users/:id/sessions/removal': on('uma', '/admin/users/', '/sessions/removal'),
  '/admin/users/:id/removal': { ...on('uma', '/admin/users/', '/removal'), fields: () => ({ username: 'uma' }) },
  ...POLICY_FORMS,
  '/admin/security-log/verification': { from: desk, fields: nothing },
  '/admin/security-log/checkpoints': { from: desk, fields: nothing },
  '/admin/security-log/checkpoints/mail': { from: desk, fields: () => ({ wanted: 'yes' }) },
  '/admin/security-log/checkpoints/:id/export': on('checkpoint', '/admin/security-log/checkpoints/', '/export'),
  '/platform/tenants': { from: operator, fields: () => ({ name: 'Hooli', slug: 'hooli', ...owner }) },
  '/platform/tenants/:id': {
    from: operator,
    ...at('globex', '/platform/tenants/'),
    fields: () => ({ name: 'Globex 2' }),
  },
  '/platform/tenants/:id/invitation': {
    from: operator,
    ...at('initech', '/platform/tenants/', '/invitation'),
    fields: nothing,
  },
  '/platform/tenants/:id/suspension': {
    from: operator,
    ...at('globex', '/platform/tenants/', '/suspension'),
    fields: nothing,
  },
  '/platform/tenants/:id/resumption': {
    from: operator,
    ...at('globex', '/platform/tenants/', '/resumption'),
    fields: nothing,
    first: ({ ids }) => Tenant.update({ status: 'suspended' }, { where: { id: ids['globex'] ?? '' } }),
  },
  '/platform/tenants/:id/export': {
    from: operator,
    ...at('globex', '/platform/tenants/', '/export'),
    fields: nothing,
  },
  '/platform/tenants/:id/removal': {
    from: operator,
    ...at('globex', '/platform/tenants/', '/removal'),
    fields: () => ({ slug: 'globex' }),
  },
};
