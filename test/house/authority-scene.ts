import { Approval } from '#models/approval.js';
import { PolicyEntry } from '#models/policy-entry.js';
import { SshKey } from '#models/ssh-key.js';
import { Role } from '#models/role.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { makeCheckpoint } from '#server/features/security-log/checkpoints.js';
import { listPasskeys } from '#server/identity/passkey.js';
import { TENANT_PERMISSIONS } from '#policies/permissions.js';
import type { Browser } from '../support/browser.js';
import { hrefOfDisavowal } from '../support/disavowal.js';
import { contextIn, invite, mailResetLink, mailSetupLink } from '../support/links.js';
import { listeningPortal, type ListeningPortal } from '../support/listening.js';
import { Authenticator } from '../support/authenticator.js';
import { addPasskey, NEW_PASSKEY, withPasskey } from '../support/passkeys.js';
import type { Phone } from '../support/phone.js';
import { freshSshKey, giveRoles, roleWith, tokenFor } from '../support/programs.js';
import { beginSetup, enrol, halfSignedIn, signedInWith, STEP } from '../support/second-factor.js';
import { rowOf } from '../support/database.js';
import { undoLink } from '../support/two-person.js';
import { addSomebody, userCalled } from '../support/users.js';

/** Who sends, and what their authority stands on. */
export interface Sender {
  userId: string;
  tenantId: string;
  /** The session of a browser; '' of who has none. */
  sessionId: string;
  browser: Browser;
  csrf: string;
}

/** Everybody and everything that the requests under way are about. */
export interface Scene {
  portal: ListeningPortal;
  /** May do everything in the organisation, by a role of its own. */
  desk: Sender;
  operator: Sender;
  /** Has begun to set up the second factor. */
  beginner: Sender & { phone: Phone };
  /** Has an active second factor. */
  expert: Sender & { phone: Phone };
  /** Have given the password, and no code yet. */
  half: Sender & { phone: Phone; codes: string[] };
  halfToSetUp: Sender & { phone: Phone };
  /** Has passkeys, and what they have answered to each page that asks. */
  keyed: Sender & { confirmation: string; creation: string };
  /** The same, in the middle of a sign-in. */
  halfKeyed: Sender & { answer: string };
  /** Before the sign-in page, with the passkey that it asks for. */
  arriving: Sender & { answer: string };
  /** Must choose a new password. */
  limited: Sender;
  visitor: Sender;
  tokens: Record<'desk' | 'operator', { id: string; secret: string }>;
  ids: Record<string, string>;
  paths: Record<'invitation' | 'reset' | 'email' | 'disavowal' | 'ownDisavowal' | 'setup' | 'undo', string>;
}

export const NEW_PASSWORD = 'copper-lantern-meadow-57';

export async function setTheScene(): Promise<Scene> {
  const portal = await listeningPortal();
  const scene = { portal } as Scene;
  const all = await roleWith(portal, 'acme', TENANT_PERMISSIONS, { name: 'Desk' });
  for (const name of ['desk', 'expert', 'beginner', 'tired', 'lost', 'keyed', 'forgetful'])
    await giveRoles(await addSomebody(portal, `acme/${name}`, 'user'), [all]);
  for (const name of ['half', 'pending']) await addSomebody(portal, `globex/${name}`, 'user');

  const { phone } = await enrol(portal, 'acme/expert');
  const expert = await signedInWith(portal, 'acme/expert', phone);
  scene.expert = { ...(await sender(portal, 'acme/expert', expert)), phone };
  scene.beginner = await theBeginner(portal);
  scene.limited = await theLimited(portal);

  const deskBrowser = await portal.signedIn('acme/desk');
  scene.desk = await sender(portal, 'acme/desk', deskBrowser);
  scene.operator = await sender(portal, 'platform/opal', await portal.signedIn('platform/opal'));
  scene.visitor = await sender(portal, 'acme/uma', portal.browser(), '/login');
  scene.tokens = { desk: await tokenFor(portal, 'acme/desk'), operator: await tokenFor(portal, 'platform/opal') };
  scene.paths = await linksOf(portal, deskBrowser);
  const { key, ...keyed } = await theKeyed(portal);
  scene.keyed = keyed;
  scene.ids = await idsOf(portal, scene);
  // Last, since a sign-in that stands between password and code has five minutes.
  const enrolled = await enrol(portal, 'globex/half');
  portal.clock.move(STEP);
  const halfBrowser = await halfSignedIn(portal, 'globex/half');
  scene.half = { ...(await sender(portal, 'globex/half', halfBrowser, '/login/two-factor')), ...enrolled };
  scene.halfToSetUp = await thePending(portal);
  scene.halfKeyed = await theHalfKeyed(portal, key);
  scene.arriving = await theArriving(portal, key);
  return scene;
}

async function sender(portal: ListeningPortal, who: string, browser: Browser, page = '/security'): Promise<Sender> {
  const { id: userId, tenantId } = await userCalled(portal, who);
  const csrf = await browser.csrf(page);
  const session = await Session.findOne({ where: { userId, endedAt: null }, order: [['id', 'DESC']] });
  return { userId, tenantId, sessionId: session?.id ?? '', browser, csrf };
}

async function theBeginner(portal: ListeningPortal): Promise<Scene['beginner']> {
  const browser = await portal.signedIn('acme/beginner');
  const phone = await beginSetup(portal, browser);
  return { ...(await sender(portal, 'acme/beginner', browser, '/security/two-factor')), phone };
}

async function theKeyed(portal: ListeningPortal): Promise<Scene['keyed'] & { key: Authenticator }> {
  const { browser, key } = await withPasskey(portal, 'acme/keyed');
  await addPasskey(browser, new Authenticator());
  const one = await sender(portal, 'acme/keyed', browser);
  const confirmation = key.get(await browser.open('/confirm?next=/security'));
  return { ...one, key, confirmation, creation: new Authenticator().create(await browser.open(NEW_PASSKEY)) };
}

async function theHalfKeyed(portal: ListeningPortal, key: Authenticator): Promise<Scene['halfKeyed']> {
  const browser = await halfSignedIn(portal, 'acme/keyed');
  const one = await sender(portal, 'acme/keyed', browser, '/login/two-factor');
  return { ...one, answer: key.get(await browser.open('/login/two-factor')) };
}

async function theArriving(portal: ListeningPortal, key: Authenticator): Promise<Scene['arriving']> {
  const browser = portal.browser();
  const one = await sender(portal, 'acme/keyed', browser, '/login');
  return { ...one, answer: key.get(await browser.open('/login')) };
}

async function theLimited(portal: ListeningPortal): Promise<Sender> {
  const browser = await portal.signedIn('acme/tired');
  await User.update({ mustChangePassword: true }, { where: { username: 'tired' } });
  return sender(portal, 'acme/tired', browser, '/login/password');
}

async function thePending(portal: ListeningPortal): Promise<Scene['halfToSetUp']> {
  const browser = await portal.signedIn('globex/pending');
  const phone = await beginSetup(portal, browser);
  const again = await halfSignedIn(portal, 'globex/pending');
  phone.scan(await again.open('/login/two-factor/setup'));
  return { ...(await sender(portal, 'globex/pending', again, '/login/two-factor/setup')), phone };
}

async function linksOf(portal: ListeningPortal, desk: Browser): Promise<Scene['paths']> {
  const form = (await desk.open('/profile')).form('/profile');
  await desk.post('/profile', { ...form, email: 'desk@elsewhere.example' });
  const email = await portal.inbox.linkTo('desk@elsewhere.example', '/email/confirm/');
  const reset = await mailResetLink(portal, 'acme/lost');
  const invitation = await invite(portal, 'acme/iris');
  await desk.submit('/security/api-key', '/security/api-key');
  await desk.submit('/security/api-password', '/security/api-password');
  const disavowal = await portal.inbox.linkTo('desk@acme.example', '/disavowal/');
  const ownDisavowal = hrefOfDisavowal(await desk.open('/security/activity'));
  const setup = await mailSetupLink(portal, 'acme/forgetful');
  const undo = await undoLink(portal, 'forgetful@acme.example');
  return { email, reset, invitation, disavowal, ownDisavowal, setup, undo };
}

// Something that waits, which the desk may decide.
async function requestAbout({ portal, desk }: Scene): Promise<string> {
  const [uma, olivia] = [await userCalled(portal, 'acme/uma'), await userCalled(portal, 'acme/olivia')];
  const times = { createdAt: portal.clock.now(), expiresAt: portal.clock.now() + 86_400_000 };
  const about = { tenantId: desk.tenantId, decidingTenantId: desk.tenantId, userId: uma.id, subjectId: uma.id };
  const asked = { kind: 'access-pass', requestedBy: olivia.id, state: 'waiting', minutes: 60 } as const;
  const row = { ...about, ...asked, epoch: uma.epoch, requesterEpoch: olivia.epoch, ...times };
  return (await Approval.create(row)).id;
}

async function idsOf(portal: ListeningPortal, scene: Scene): Promise<Record<string, string>> {
  const { desk, operator } = scene;
  const uma = await userCalled(portal, 'acme/uma');
  const robo = await userCalled(portal, 'acme/robo');
  const iris = await userCalled(portal, 'acme/iris');
  const spare = await roleWith(portal, 'acme', ['users:read'], { name: 'Spare' });
  const all = await Role.findOne({ where: { name: 'Desk' }, rejectOnEmpty: true });
  await desk.browser.submit('/security/ssh-keys', '/security/ssh-keys', { name: 'Old', publicKey: freshSshKey() });
  await desk.browser.submit('/security/ssh-keys', '/security/ssh-keys', { name: 'Doubtful', publicKey: freshSshKey() });
  const suspended = await SshKey.findOne({ where: { name: 'Doubtful' }, rejectOnEmpty: true });
  await suspended.update({ suspendedAt: portal.clock.now() });
  const other = await sender(portal, 'acme/desk', await portal.signedIn('acme/desk'));
  const made = await operator.browser.submit('/platform/tenants/new', '/platform/tenants', {
    name: 'Initech',
    slug: 'initech',
    ownerName: 'Bill Lumbergh',
    ownerUsername: 'bill',
    ownerEmail: 'bill@initech.example',
  });
  const [passkey, doubtful] = await listPasskeys({ id: scene.keyed.userId, tenantId: scene.keyed.tenantId });
  await doubtful?.update({ suspendedAt: portal.clock.now() });
  const gary = await userCalled(portal, 'globex/gary');
  return {
    request: await requestAbout(scene),
    uma: uma.id,
    umasToken: (await tokenFor(portal, 'acme/uma')).id,
    umasRole: uma.roles?.[0]?.id ?? '',
    robo: robo.id,
    robosToken: (await tokenFor(portal, 'acme/robo')).id,
    robosRole: robo.roles?.[0]?.id ?? '',
    iris: iris.id,
    expert: scene.expert.userId,
    keyed: scene.keyed.userId,
    passkey: passkey?.id ?? '',
    suspendedPasskey: doubtful?.id ?? '',
    role: all.id,
    spareRole: spare.id,
    session: other.sessionId,
    token: (await tokenFor(portal, 'acme/desk')).id,
    sshKey: (await SshKey.findOne({ where: { name: 'Old' }, rejectOnEmpty: true })).id,
    suspendedKey: suspended.id,
    rememberedBrowser: await rowOf(portal.database, 'remembered_browsers', desk),
    policyEntry: (await PolicyEntry.findOne({ where: { tenantId: desk.tenantId }, rejectOnEmpty: true })).id,
    checkpoint: (await makeCheckpoint(await contextIn(portal, 'acme'))).id,
    globex: gary.tenantId,
    initech: /\/platform\/tenants\/([\w-]+)/.exec(made.location)?.[1] ?? '',
  };
}
