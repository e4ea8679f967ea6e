import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { Link } from '#models/link.js';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { record } from '#server/trace/record.js';
import type { Browser } from '../support/browser.js';
import {
  addCredential,
  addInvited,
  addLocks,
  addRequest,
  addMail,
  change,
  itemsOn,
  knowABrowser,
  leaveCodes,
  leaveOnly,
  makeSound,
  signInElsewhere,
} from '../support/checkup.js';
import { Authenticator } from '../support/authenticator.js';
import { addPasskey, givePasskeys, withPasskey } from '../support/passkeys.js';
import { contextIn } from '../support/links.js';
import { programOf } from '../support/programs.js';
import { startPortal, type Portal } from '../support/portal.js';
import { userCalled } from '../support/users.js';

const OWN = '/security/checkup';
const ORGANISATION = '/admin/checkup';

/** Each weakness of an account, how it comes about, and what the check-up calls it. */
const OWN_WEAKNESSES: Readonly<Record<string, (portal: Portal) => Promise<unknown>>> = {
  'few-recovery-codes': (portal) => leaveCodes(portal, 'acme/uma', 3),
  'unknown-session': signInElsewhere,
  'unconfirmed-address': async (portal) => {
    const { tenantId, id: userId, epoch } = await userCalled(portal, 'acme/uma');
    const now = portal.clock.now();
    const link = { tenantId, userId, epoch, kind: 'email-change', email: 'uma@new.example' } as const;
    await Link.create({ ...link, tokenHash: newId(), createdAt: now, expiresAt: now + DAY });
  },
  'password-ending': async (portal) => {
    await SecurityPolicy.update({ maxAgeDays: 90 }, { where: {} });
    await change(portal, 'acme/uma', { passwordChangedAt: portal.clock.now() - 80 * DAY });
  },
  'ending-token': (portal) => addCredential(portal, { expiresAt: portal.clock.now() + 10 * DAY }),
  'unused-token': (portal) => addCredential(portal, { createdAt: portal.clock.now() - 91 * DAY }),
};

/** The same of an organisation. */
const ORGANISATION_WEAKNESSES: Readonly<Record<string, (portal: Portal) => Promise<unknown>>> = {
  'admins-without-second-factor': (portal) => change(portal, 'acme/adam', { twoFactor: 'pending' }),
  'approvals-waiting': addRequest,
  'people-without-passkey': () => Role.update({ requiresPhishingResistant: true }, { where: { key: 'user' } }),
  'lock-spike': (portal) => addLocks(portal, 0, 10),
  'mail-stuck': (portal) => addMail(portal, { state: 'queued', createdAt: portal.clock.now() - 16 * MINUTE }),
  'policy-below-preset': async () => SecurityPolicy.update({ minLength: 10, preset: 'custom' }, { where: {} }),
  'few-owners': (portal) => leaveOnly(portal, 'owner', 'acme/olivia'),
  'keys-without-end': (portal) => addCredential(portal, { kind: 'key', expiresAt: null, months: null }),
  'tokens-over-policy': async (portal) => {
    await addCredential(portal, { expiresAt: portal.clock.now() + 360 * DAY });
    await SecurityPolicy.update({ tokenMaxMonths: 6 }, { where: {} });
  },
  'unused-tokens': (portal) => addCredential(portal, { createdAt: portal.clock.now() - 91 * DAY }),
  'break-glass-unused': (portal) =>
    change(portal, 'acme/otto', { breakGlass: true, lastSignedInAt: portal.clock.now() - 91 * DAY }),
  'stale-accounts': (portal) => change(portal, 'acme/umar', { createdAt: portal.clock.now() - 91 * DAY }),
  'old-invitations': (portal) => addInvited(portal, 8),
  'log-unverified': async (portal) => Tenant.update({ createdAt: portal.clock.now() - 31 * DAY }, { where: {} }),
};

/** What looks like one of them, and is none. */
const NO_WEAKNESSES: Readonly<Record<string, (portal: Portal) => Promise<unknown>>> = {
  'nine locked accounts in a day': (portal) => addLocks(portal, 0, 9),
  'as many locked accounts as on other days': async (portal) => {
    for (let day = 0; day <= 30; day += 1) await addLocks(portal, day, 12);
  },
  'an invitation of this week': (portal) => addInvited(portal, 6),
  'a mail that waits for a minute': (portal) =>
    addMail(portal, { state: 'queued', createdAt: portal.clock.now() - MINUTE }),
  'a mail that has gone': (portal) => addMail(portal, { state: 'sent', createdAt: portal.clock.now() - DAY }),
  'an unused token that was revoked': (portal) =>
    addCredential(portal, { createdAt: portal.clock.now() - 91 * DAY, revokedAt: portal.clock.now() }),
  'a disabled account that nobody uses': (portal) =>
    change(portal, 'acme/umar', { createdAt: portal.clock.now() - 91 * DAY, status: 'disabled' }),
  'a stricter policy than any preset': async () =>
    SecurityPolicy.update({ minLength: 20, preset: 'custom' }, { where: {} }),
  'a log that was verified this month': async (portal) => {
    await Tenant.update({ createdAt: portal.clock.now() - 31 * DAY }, { where: {} });
    await noted(portal, 'log.verified');
  },
  'a person without a second factor who looks after nobody': (portal) =>
    change(portal, 'acme/audrey', { twoFactor: 'disabled' }),
  'weaknesses of another organisation': async (portal) => {
    await change(portal, 'globex/gary', { twoFactor: 'disabled', createdAt: portal.clock.now() - 91 * DAY });
  },
};

describe('What the check-up finds', () => {
  let portal: Portal;
  let uma: Browser;
  let olivia: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
    olivia = await portal.signedIn('acme/olivia');
    await makeSound(portal);
    await knowABrowser(portal);
  });
  afterEach(() => portal.close());

  it('each weakness of an account adds its own finding, and no other', async () => {
    await eachAddsItsOwn(uma, OWN, OWN_WEAKNESSES);
    await change(portal, 'acme/uma', { twoFactor: 'disabled' });
    const found = itemsOn(await uma.open(OWN));
    assert.ok(found.includes('no-second-factor') && !found.includes('few-recovery-codes'));
  });

  it('one passkey wants a spare; two, or one beside an app, do not', async () => {
    const { browser } = await withPasskey(portal, 'acme/umar');
    assert.deepEqual(itemsOn(await browser.open(OWN)), ['one-passkey']);
    await addPasskey(browser, new Authenticator());
    assert.deepEqual(itemsOn(await browser.open(OWN)), []);
  });

  it('a role that demands a passkey wants one, also beside an app', async () => {
    await Role.update({ requiresPhishingResistant: true, phishingResistantSince: portal.clock.now() }, { where: {} });
    assert.deepEqual(itemsOn(await uma.open(OWN)), ['no-passkey']);
    await addPasskey(uma, new Authenticator());
    assert.deepEqual(itemsOn(await uma.open(OWN)), []);
  });

  it('an administrator with a passkey has a second factor, while passkeys are asked for', async () => {
    await change(portal, 'acme/adam', { twoFactor: 'disabled' });
    await withPasskey(portal, 'acme/adam');
    assert.deepEqual(await found(olivia), []);
    await SecurityPolicy.update({ passkeys: 'off' }, { where: {} });
    assert.deepEqual(await found(olivia), ['admins-without-second-factor']);
  });

  it('who has not enough passkeys is found where passwords open nothing', async () => {
    for (const who of ['olivia', 'adam', 'audrey', 'uma'])
      await givePasskeys(portal, await userCalled(portal, `acme/${who}`));
    await SecurityPolicy.update({ passwordSignIn: 'forbidden' }, { where: {} });
    const program = await programOf(portal, 'acme/olivia');
    const { findings } = (await program.get('/checkup')).body as { findings: { item: string; who: string[] }[] };
    const named = findings.find(({ item }) => item === 'people-without-passkey')?.who ?? [];
    assert.ok(named.includes('Umar Usman'), named.join(', '));
    for (const name of ['Uma Ndiaye', 'Audrey', 'Adam', 'Olivia'])
      assert.ok(!named.some((one) => one.startsWith(name)), named.join(', '));
  });

  it('each weakness of an organisation adds its own finding, and no other', async () => {
    await eachAddsItsOwn(olivia, ORGANISATION, ORGANISATION_WEAKNESSES);
  });

  it('tells who may change nothing to look, and who may, what to do', async () => {
    for (const happens of Object.values(ORGANISATION_WEAKNESSES)) await happens(portal);
    await change(portal, 'acme/audrey', { twoFactor: 'disabled' });
    const toldTo = async (browser: Browser): Promise<[number, string[]]> => {
      const steps = (await browser.open(ORGANISATION)).document.querySelectorAll('.finding-steps a');
      const words = steps.map((one) => one.text.trim());
      return [words.length, words.filter((step) => !/^(?:See|Look|Decide|Verify)\b(?!.* and )/.test(step))];
    };
    const [seen, deeds] = await toldTo(await portal.signedIn('acme/audrey'));
    assert.ok(seen > 8, `${seen} steps`);
    assert.deepEqual(deeds, []);
    assert.equal((await toldTo(olivia))[1].length, 8);
  });

  it('nothing is found that only looks like one', async () => {
    for (const [what, happens] of Object.entries(NO_WEAKNESSES)) {
      await happens(portal);
      assert.deepEqual(await found(olivia), [], what);
    }
  });

  it('a log that was found broken is found so until it is whole again', async () => {
    await noted(portal, 'log.broken');
    assert.deepEqual(await found(olivia), ['log-broken']);
    await noted(portal, 'log.verified');
    assert.deepEqual(await found(olivia), []);
  });

  it('tells operators that no backup was ever made, and nobody else', async () => {
    const opal = await portal.signedIn('platform/opal');
    assert.ok((await found(opal)).includes('no-backup'));
    await noted(portal, 'backup.made', 'platform');
    assert.ok(!(await found(opal)).includes('no-backup'));
    portal.clock.move(9 * DAY);
    assert.ok((await found(await portal.signedIn('platform/opal'))).includes('no-backup'));
  });

  /** There is nothing to do at first; and whatever has been found before, the next weakness changes nothing of it. */
  async function eachAddsItsOwn(
    browser: Browser,
    path: string,
    weaknesses: Readonly<Record<string, (portal: Portal) => Promise<unknown>>>,
  ): Promise<void> {
    assert.match((await browser.open(path)).text, /Nothing to do$/);
    let before: string[] = [];
    for (const [item, weaken] of Object.entries(weaknesses)) {
      await weaken(portal);
      const items = path === OWN ? itemsOn(await browser.open(path)) : await found(browser);
      assert.deepEqual([...items].sort(), [...before, item].sort());
      before = items;
    }
    const links = (await browser.open(path)).document.querySelectorAll('.finding a');
    for (const link of new Set(links.map((one) => one.getAttribute('href') ?? '')))
      assert.equal((await browser.get(link)).status, 200, link);
  }
});

/** What is to be done about the organisation; the overview says the same of it in its one line. */
async function found(browser: Browser): Promise<string[]> {
  const page = await browser.open(ORGANISATION);
  const verdictOn = ({ document }: typeof page) => document.querySelector('#verdict')?.text.trim();
  assert.ok(verdictOn(page));
  assert.equal(verdictOn(await browser.open('/admin')), verdictOn(page));
  return itemsOn(page);
}

/** A row of the log, as if it had just happened. */
async function noted(
  portal: Portal,
  event: 'log.broken' | 'log.verified' | 'backup.made',
  slug = 'acme',
): Promise<void> {
  const context = await contextIn(portal, slug);
  await inTransaction(() => record(context, { event }));
}
