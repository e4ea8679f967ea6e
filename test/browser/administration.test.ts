import assert from 'node:assert/strict';
import { parse } from 'node-html-parser';
import type { Permission } from '#policies/permissions.js';
import { effectivePermissions } from '#policies/roles.js';
import { menu } from '#server/features/menu.js';
import { addMail } from '../support/checkup.js';
import { offeredBy, permissionAt, routeAt } from '../support/offered.js';
import { giveRoles, roleWith, tokenFor } from '../support/programs.js';
import { addSomebody, userCalled } from '../support/users.js';
import { servePortal, type ServedPortal, type Tab } from './support.js';

/** A role of the organisation's own: the desk that looks after people, and sees what they have. */
const DESK: readonly Permission[] = ['users:read', 'users:write', 'credentials:read', 'log:read'];

const WALKERS = ['acme/olivia', 'acme/adam', 'acme/audrey', 'acme/desk', 'platform/opal'] as const;

describe('Whoever looks after an organisation, in a real browser', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
    await tokenFor(portal, 'acme/uma');
    await tokenFor(portal, 'acme/robo');
    await addMail(portal, { state: 'failed', createdAt: portal.clock.now() });
    const desk = await roleWith(portal, 'acme', DESK, { name: 'Desk' });
    await giveRoles(await addSomebody(portal, 'acme/desk', 'user'), [desk]);
  });
  after(() => portal.close());

  for (const who of WALKERS)
    it(`${who} opens every page and every dialog that the menu leads to, and is offered nothing they may not do`, async () => {
      const held = await permissionsOf(who);
      const tab = await portal.tabOf(who);
      const entries = await tab.page.locator('nav a.menu-link').evaluateAll(hrefsOf);
      const mine = menu.filter(({ permission }) => permission === null || held.has(permission));
      assert.deepEqual([...new Set(entries)].sort(), mine.map(({ href }) => href).sort());
      const walked = await walk(tab, entries, held);
      assert.deepEqual(walked.faults, []);
      assert.deepEqual(tab.complaints, []);
      assert.ok(walked.pages > entries.length, 'It went further than the menu.');
      assert.ok(walked.dialogs > 0 || who === 'acme/audrey', 'It opened dialogs.');
      await tab.close();
    });

  async function permissionsOf(who: string): Promise<ReadonlySet<string>> {
    const user = await userCalled(portal, who);
    return effectivePermissions(user.roles ?? []);
  }
});

// Runs in the page.
const hrefsOf = (links: { getAttribute(name: string): string | null }[]): string[] =>
  links.map((link) => link.getAttribute('href') ?? '');

interface Walked {
  pages: number;
  dialogs: number;
  faults: string[];
}

/** Opens these and, of what stands on them, one page of each kind; and on each page every dialog. */
async function walk(tab: Tab, entries: readonly string[], held: ReadonlySet<string>): Promise<Walked> {
  const walked: Walked = { pages: 0, dialogs: 0, faults: [] };
  const waiting = [...entries];
  const kinds = new Set(entries.map((href) => routeAt('get', href)?.path));
  for (let to = waiting.shift(); to !== undefined; to = waiting.shift()) {
    const answer = await tab.page.goto(to);
    walked.pages += 1;
    const fault = (text: string): unknown => walked.faults.push(`${to}: ${text}`);
    if (!answer || answer.status() >= 400) fault(`answered with ${answer?.status()}`);
    const document = parse(await tab.page.content());
    const [heading, ...more] = document.querySelectorAll('h1').map((one) => one.text.trim());
    if (!heading || more.length > 0) fault(`has ${more.length + (heading ? 1 : 0)} headings`);
    for (const { to: offer, permission } of offeredBy(document, new URL(tab.page.url()).pathname))
      if (!held.has(permission)) fault(`offers ${offer}, which needs ${permission}`);
    walked.dialogs += await openDialogs(tab, fault);
    for (const link of document.querySelectorAll('main a[href]').map((one) => one.getAttribute('href') ?? '')) {
      const kind = routeAt('get', link)?.path;
      if (!kind || kinds.has(kind) || !isWalked(link) || !mayOpen(link, held)) continue;
      kinds.add(kind);
      waiting.push(link);
    }
  }
  return walked;
}

// A download is no page, and what signs out or leads to another account ends the walk.
function isWalked(link: string): boolean {
  return (
    /^\/(admin|platform|security|profile|account|api\/docs)\b/.test(link) && !/\.(csv|jsonl|json|txt)\b/.test(link)
  );
}

function mayOpen(link: string, held: ReadonlySet<string>): boolean {
  const permission = permissionAt('get', link);
  return permission === '' || held.has(permission);
}

/** Opens each dialog of the page and leaves it by Escape; of rows that have the same one, the first. Gives how many. */
async function openDialogs({ page }: Tab, fault: (text: string) => unknown): Promise<number> {
  const links = await page.locator('main a[data-dialog]:visible').evaluateAll(hrefsOf);
  const kinds = new Map(links.map((href) => [routeAt('get', href)?.path, href]));
  for (const href of kinds.values()) {
    await page.locator(`main a[data-dialog][href="${href}"]:visible`).first().click();
    const dialog = page.getByRole('dialog');
    try {
      await dialog.waitFor({ timeout: 60_000 });
      if ((await dialog.getByRole('heading').count()) === 0) fault(`the dialog of ${href} has no heading`);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached', timeout: 60_000 });
    } catch {
      fault(`${href} opens no dialog`);
      return kinds.size;
    }
  }
  return kinds.size;
}
