import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { SshKey } from '#models/ssh-key.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { ORGANISATION_ITEMS, OWN_ITEMS, type OrganisationItem } from '#policies/checkup.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { record, recordMany } from '#server/trace/record.js';
import type { Browser, Page } from '../support/browser.js';
import {
  addCredential,
  addInvited,
  addMail,
  change,
  itemsOn,
  leaveOnly,
  makeSound,
  addRequest,
} from '../support/checkup.js';
import { contextIn } from '../support/links.js';
import { givePasskeys } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { userCalled } from '../support/users.js';

const PATH = '/admin/checkup';

interface Case {
  /** Makes the one weakness. */
  weaken: (portal: Portal) => Promise<unknown>;
  /** The first cell of each row of the list behind its link; where there is no list, what the page behind it has. */
  leadsTo: readonly string[] | string;
}

const CASES: Readonly<Record<OrganisationItem, Case>> = {
  'log-broken': { weaken: (portal) => noted(portal, 'log.broken'), leadsTo: ['Security log found broken'] },
  'admins-without-second-factor': {
    weaken: async (portal) => {
      await change(portal, 'acme/adam', { twoFactor: 'pending' });
      await change(portal, 'acme/audrey', { twoFactor: 'disabled' });
    },
    leadsTo: ['Adam Arslan'],
  },
  'approvals-waiting': { weaken: addRequest, leadsTo: 'Uma Ndiaye' },
  'people-without-passkey': {
    async weaken(portal) {
      // Who has one, and who may not sign in, are in no such list; nor is a break-glass account where passwords open nothing.
      await givePasskeys(portal, await userCalled(portal, 'acme/uma'));
      await Role.update({ requiresPhishingResistant: true }, { where: { key: 'user' } });
      for (const who of ['otto', 'adam']) await givePasskeys(portal, await userCalled(portal, `acme/${who}`));
      await givePasskeys(portal, await userCalled(portal, 'acme/olivia'), 1);
      await change(portal, 'acme/olivia', { breakGlass: true });
      await SecurityPolicy.update({ passwordSignIn: 'forbidden' }, { where: {} });
    },
    leadsTo: ['Audrey Aalto', 'Umar Usman'],
  },
  'lock-spike': {
    async weaken(portal) {
      const { tenant, ...context } = await contextIn(portal, 'acme');
      const midnight = Math.floor(portal.clock.now() / DAY) * DAY;
      const locked = (count: number, at: number) =>
        Array.from({ length: count }, (_none, more) => ({ event: 'account.locked' as const, at: at + more }));
      const lately = [...locked(2, midnight - HOUR), ...locked(10, midnight)];
      await recordMany({ ...context, tenant }, tenant.id, lately);
    },
    leadsTo: Array.from({ length: 10 }, () => 'Account locked after failed sign-ins'),
  },
  'mail-stuck': {
    weaken: (portal) => addMail(portal, { state: 'queued', createdAt: portal.clock.now() - 16 * MINUTE }),
    leadsTo: ['Your password was changed'],
  },
  'policy-below-preset': {
    weaken: () => SecurityPolicy.update({ minLength: 10, preset: 'custom' }, { where: {} }),
    leadsTo: 'NIST',
  },
  'few-owners': { weaken: (portal) => leaveOnly(portal, 'owner', 'acme/olivia'), leadsTo: ['Olivia Okafor'] },
  'keys-without-end': {
    weaken: (portal) => addCredential(portal, { kind: 'key', expiresAt: null, months: null }),
    leadsTo: ['API key'],
  },
  'tokens-over-policy': {
    async weaken(portal) {
      await addCredential(portal, { expiresAt: portal.clock.now() + 360 * DAY });
      await SecurityPolicy.update({ tokenMaxMonths: 6 }, { where: {} });
    },
    leadsTo: ['Nightly backup'],
  },
  'unused-tokens': {
    weaken: (portal) => addCredential(portal, { createdAt: portal.clock.now() - 91 * DAY }),
    leadsTo: ['Nightly backup'],
  },
  'break-glass-unused': {
    async weaken(portal) {
      const lastSignedInAt = portal.clock.now() - 91 * DAY;
      await change(portal, 'acme/umar', { breakGlass: true, lastSignedInAt });
      await change(portal, 'acme/otto', { breakGlass: true, lastSignedInAt: lastSignedInAt + 2 * DAY });
    },
    leadsTo: ['Umar Usman'],
  },
  'stale-accounts': {
    weaken: (portal) => change(portal, 'acme/umar', { createdAt: portal.clock.now() - 91 * DAY }),
    leadsTo: ['Umar Usman'],
  },
  'old-invitations': { weaken: (portal) => addInvited(portal, 8), leadsTo: ['Iris Somebody'] },
  'log-unverified': {
    weaken: (portal) => Tenant.update({ createdAt: portal.clock.now() - 31 * DAY }, { where: {} }),
    leadsTo: 'Verify',
  },
  'no-backup': { weaken: () => Promise.resolve(), leadsTo: 'backup' },
};

describe('What the check-up finds leads to the very list of it', () => {
  let portal: Portal;
  let reader: Browser;
  afterEach(() => portal.close());

  for (const [item, { weaken, leadsTo }] of Object.entries(CASES)) {
    it(item, async () => {
      portal = await startPortal();
      // Half a day from UTC: no list begins at another midnight than what was counted.
      await change(portal, 'acme/olivia', { timeZone: 'Pacific/Kiritimati' });
      reader = await portal.signedIn(item === 'no-backup' ? 'platform/opal' : 'acme/olivia');
      await makeSound(portal);
      await besides(portal);
      if (item !== 'no-backup') assert.deepEqual(itemsOn(await reader.open(PATH)), []);
      await weaken(portal);
      const page = await reader.open(PATH);
      const found = itemsOn(page);
      if (item === 'no-backup') assert.ok(found.includes(item));
      else assert.deepEqual(found, [item]);
      const finding = page.document.querySelector(`#${item}`);
      const urgent = /Act now/.test(finding?.text ?? '');
      assert.equal(page.forms().includes(`${PATH}/${item}/postponement`), !urgent, 'what is urgent is not put off');
      const href = finding?.querySelector('.finding-steps a')?.getAttribute('href') ?? '';
      const behind = await reader.open(href.replace(/#.*/, ''));
      if (typeof leadsTo === 'string') assert.match(placeOn(behind, href), new RegExp(leadsTo));
      else assert.deepEqual(rowsOf(behind), leadsTo);
    });
  }

  it('and each is told of in the documentation, as are those of an account', () => {
    portal = { close: () => Promise.resolve() } as Portal;
    const text = readFileSync(join(PROJECT_ROOT, 'docs/security.md'), 'utf8');
    const written = [...text.matchAll(/^\| `([a-z-]+)` \| (account|organisation) \|/gm)].map(([, item, of]) => [
      item,
      of,
    ]);
    assert.deepEqual(written, [
      ...OWN_ITEMS.map((item) => [item, 'account']),
      ...Object.keys(ORGANISATION_ITEMS).map((item) => [item, 'organisation']),
    ]);
  });
});

function rowsOf(page: Page): string[] {
  return page.document
    .querySelectorAll('tbody tr')
    .map((row) => row.querySelector('th a, th')?.childNodes[0]?.text.trim() ?? '');
}

/** What stands at the place that a link leads to: all of the page, where it names no part of it. */
function placeOn(page: Page, href: string): string {
  const [, part] = href.split('#');
  return part === undefined ? page.text : (page.document.querySelector(`#${part}`)?.text ?? '');
}

/** What looks like one of them, and stands in none of the lists. */
async function besides(portal: Portal): Promise<void> {
  const now = portal.clock.now();
  await addInvited(portal, 6, 'acme/ines');
  await addMail(portal, { state: 'queued', createdAt: now - MINUTE });
  await addMail(portal, { state: 'sent', createdAt: now - DAY });
  await addMail(portal, { state: 'failed', createdAt: now - 8 * DAY });
  await addCredential(portal, { createdAt: now - 91 * DAY, revokedAt: now });
  await addCredential(portal, { lastUsedAt: now });
  const { id: userId, tenantId } = await userCalled(portal, 'acme/uma');
  const key = { tenantId, userId, name: 'Laptop', type: 'ssh-ed25519', bits: 256, blob: '', comment: '' };
  await SshKey.create({ ...key, fingerprint: 'SHA256:a', createdAt: now - 200 * DAY });
}

async function noted(portal: Portal, event: 'log.broken'): Promise<void> {
  const context = await contextIn(portal, 'acme');
  await inTransaction(() => record(context, { event }));
}
