import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { Link } from '#models/link.js';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { OWN_ITEMS, type OwnItem } from '#policies/checkup.js';
import { DAY } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import {
  addCredential,
  change,
  itemsOn,
  knowABrowser,
  leaveCodes,
  makeSound,
  signInElsewhere,
} from '../support/checkup.js';
import { givePasskeys } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { userCalled } from '../support/users.js';

const PATH = '/security/checkup';

interface Case {
  /** Makes the one weakness of Uma's account. */
  weaken: (portal: Portal) => Promise<unknown>;
  /** Where the next step leads: a list of exactly these, by the names of its rows, or a page with this on it. */
  leadsTo: readonly string[] | { has: string };
  /** What else, where there are several ways to the same finding. */
  called?: string;
}

const CASES: Readonly<Record<OwnItem, readonly Case[]>> = {
  'no-second-factor': [
    {
      weaken: (portal) => change(portal, 'acme/uma', { twoFactor: 'disabled' }),
      leadsTo: { has: 'form[action="/security/two-factor/setup"]' },
    },
    {
      called: 'where an app alone is not enough',
      async weaken(portal) {
        await demandPasskeys(portal);
        await change(portal, 'acme/uma', { twoFactor: 'disabled' });
      },
      leadsTo: { has: 'form[action="/security/passkeys"]' },
    },
  ],
  'no-passkey': [{ weaken: demandPasskeys, leadsTo: { has: 'form[action="/security/passkeys"]' } }],
  'few-recovery-codes': [
    {
      weaken: (portal) => leaveCodes(portal, 'acme/uma', 3),
      leadsTo: { has: 'main form[action="/security/recovery-codes"]' },
    },
    {
      called: 'of who has passkeys alone',
      async weaken(portal) {
        await givePasskeys(portal, await userCalled(portal, 'acme/uma'));
        await change(portal, 'acme/uma', { twoFactor: 'disabled' });
        await leaveCodes(portal, 'acme/uma', 0);
      },
      leadsTo: { has: 'main form[action="/security/recovery-codes"]' },
    },
  ],
  'one-passkey': [
    {
      async weaken(portal) {
        await givePasskeys(portal, await userCalled(portal, 'acme/uma'), 1);
        await change(portal, 'acme/uma', { twoFactor: 'disabled' });
      },
      leadsTo: { has: 'form[action="/security/passkeys"]' },
    },
  ],
  'unknown-session': [{ weaken: signInElsewhere, leadsTo: ['Firefox 143 on Linux'] }],
  'unconfirmed-address': [
    {
      async weaken(portal) {
        const { tenantId, id: userId, epoch } = await userCalled(portal, 'acme/uma');
        const now = portal.clock.now();
        const link = { tenantId, userId, epoch, kind: 'email-change', email: 'uma@new.example' } as const;
        await Link.create({ ...link, tokenHash: newId(), createdAt: now, expiresAt: now + DAY });
      },
      leadsTo: { has: '#pending-email' },
    },
  ],
  'password-ending': [
    {
      async weaken(portal) {
        await SecurityPolicy.update({ maxAgeDays: 90 }, { where: {} });
        await change(portal, 'acme/uma', { passwordChangedAt: portal.clock.now() - 80 * DAY });
      },
      leadsTo: { has: 'details[open] form[action="/security/password"]' },
    },
  ],
  'ending-token': [
    { weaken: (portal) => ending(portal, 'token'), leadsTo: { has: 'form[action$="/rotation"]' } },
    {
      called: 'a key',
      weaken: (portal) => ending(portal, 'key'),
      leadsTo: { has: 'main [href="/security/api-key/removal"]' },
    },
    {
      called: 'of two kinds',
      async weaken(portal) {
        for (const kind of ['token', 'password'] as const) await ending(portal, kind);
      },
      leadsTo: ['API password', 'Nightly backup'],
    },
  ],
  'unused-token': [
    { weaken: (portal) => unused(portal, 'token'), leadsTo: { has: 'form[action$="/rotation"]' } },
    {
      called: 'a key',
      weaken: (portal) => unused(portal, 'key'),
      leadsTo: { has: 'main [href="/security/api-key/removal"]' },
    },
    {
      called: 'of two kinds',
      async weaken(portal) {
        for (const kind of ['key', 'token', 'token'] as const) await unused(portal, kind);
      },
      leadsTo: ['API key', 'Nightly backup', 'Nightly backup'],
    },
  ],
};

describe('What the check-up of an account finds leads to the very place where it is mended', () => {
  let portal: Portal;
  let uma: Browser;
  afterEach(() => portal.close());

  for (const item of OWN_ITEMS)
    for (const { called, weaken, leadsTo } of CASES[item])
      it([item, called].filter(Boolean).join(', '), async () => {
        portal = await startPortal();
        uma = await portal.signedIn('acme/uma');
        await makeSound(portal);
        await knowABrowser(portal);
        await besides(portal);
        assert.deepEqual(itemsOn(await uma.open(PATH)), []);
        await weaken(portal);
        const page = await uma.open(PATH);
        assert.deepEqual(itemsOn(page), [item]);
        const finding = page.document.querySelector(`#${item}`);
        const urgent = /Act now/.test(finding?.text ?? '');
        assert.equal(page.forms().includes(`${PATH}/${item}/postponement`), !urgent, 'what is urgent is not put off');
        const href = finding?.querySelector('.finding-steps a')?.getAttribute('href') ?? '';
        const behind = await uma.open(href.replace(/#.*/, ''));
        const [, part] = href.split('#');
        if (part !== undefined) assert.ok(behind.document.querySelector(`#${part}`), href);
        if ('has' in leadsTo) assert.ok(behind.document.querySelector(leadsTo.has), `${href}: ${behind.text}`);
        else assert.deepEqual(rowsOf(behind), leadsTo);
        for (const link of finding?.querySelectorAll('.finding-who a') ?? [])
          assert.equal((await uma.get(link.getAttribute('href') ?? '')).status, 200, link.text);
      });
});

function rowsOf(page: Page): string[] {
  const rows = page.document.querySelectorAll('tbody th a, .session .more-title');
  return rows.map((row) => row.childNodes[0]?.text.trim() ?? '').sort();
}

/** What looks like one of them, and is none: in no list behind a finding either. */
async function besides(portal: Portal): Promise<void> {
  const now = portal.clock.now();
  await addCredential(portal, { createdAt: now - 91 * DAY, lastUsedAt: now - DAY, expiresAt: now + 15 * DAY });
  await addCredential(portal, { createdAt: now - 91 * DAY, revokedAt: now });
  await addCredential(portal, { createdAt: now - 99 * DAY, expiresAt: now - DAY });
}

async function demandPasskeys(portal: Portal): Promise<void> {
  await Role.update({ requiresPhishingResistant: true, phishingResistantSince: portal.clock.now() }, { where: {} });
}

function ending(portal: Portal, kind: 'token' | 'key' | 'password'): Promise<void> {
  return addCredential(portal, { kind, expiresAt: portal.clock.now() + 10 * DAY });
}

function unused(portal: Portal, kind: 'token' | 'key'): Promise<void> {
  return addCredential(portal, { kind, createdAt: portal.clock.now() - 91 * DAY });
}
