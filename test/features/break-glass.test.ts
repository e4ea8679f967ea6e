import assert from 'node:assert/strict';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { isMarked, keyedCalled, mark } from '../support/break-glass.js';
import type { Browser } from '../support/browser.js';
import { logged } from '../support/links.js';
import { PASSKEYS, givePasskeys, withPasskey } from '../support/passkeys.js';
import { startPortal, type Portal } from '../support/portal.js';
import { personWith, programOf, roleWith } from '../support/programs.js';
import { enrol } from '../support/second-factor.js';
import { TAKINGS, undoLink } from '../support/two-person.js';
import { addSomebody, pageOf, userCalled } from '../support/users.js';

type Keyed = Awaited<ReturnType<typeof keyedCalled>>;
const INSIDE = ['127.0.0.1/32', '::1/128', '::ffff:127.0.0.1/128'];

describe('The mark of a break-glass account', () => {
  let portal: Portal;
  let olivia: Browser;
  let glen: Keyed;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    glen = await keyedCalled(portal, 'glen');
  });
  afterEach(() => portal.close());

  const setMark = (who: string, breakGlass: boolean) =>
    programOf(portal, who).then((program) => program.patch(`/users/${glen.user.id}`, { breakGlass }));

  const DOORS: Readonly<Record<string, (who: string, marked: boolean) => Promise<number>>> = {
    page: async (who, marked) => (await mark(await portal.signedIn(who), glen.user, marked)).status,
    API: async (who, marked) => (await setMark(who, marked)).status,
  };

  for (const [door, set] of Object.entries(DOORS))
    it(`is an owner's alone to give and to take, by ${door}`, async () => {
      assert.equal(await set('acme/adam', true), 403);
      assert.equal(await isMarked(glen.user), false);
      assert.ok((await set('acme/olivia', true)) < 400);
      assert.equal(await isMarked(glen.user), true);
      // The form of an administrator has no such box: whatever else they save leaves the mark alone.
      assert.equal(await set('acme/adam', false), door === 'page' ? 303 : 403);
      assert.equal(await isMarked(glen.user), true);
      assert.ok((await set('acme/olivia', false)) < 400);
      assert.equal(await isMarked(glen.user), false);
    });

  it('is told to the log, to every owner and to the account itself, when it comes and when it goes', async () => {
    await addSomebody(portal, 'acme/otto', 'owner');
    for (const [marked, event, words] of [
      [true, 'break-glass.marked', /glen.*is a break-glass account now.*by Olivia/s],
      [false, 'break-glass.unmarked', /glen.*is no break-glass account any more.*by Olivia/s],
    ] as const) {
      assert.equal((await mark(olivia, glen.user, marked)).status, 303);
      const [row] = await logged(portal, 'acme', event);
      assert.deepEqual(
        [row?.['level'], row?.['actor_id'], row?.['target_id']],
        ['high', portal.idOf('acme/olivia'), glen.user.id],
      );
      for (const who of ['olivia', 'otto', 'glen'])
        assert.match((await portal.inbox.newestTo(`${who}@acme.example`)).text, words);
    }
    assert.equal((await mark(olivia, glen.user, false)).status, 303);
    assert.equal((await logged(portal, 'acme', 'break-glass.unmarked')).length, 1, 'nothing changed');
  });

  it('is not given to who has no passkey, to oneself, or to an account of programs', async () => {
    const page = await olivia.open(pageOf(portal.idOf('acme/umar')));
    assert.ok(page.document.querySelector('[name=breakGlass][disabled]'), 'the box waits for a passkey');
    const umar = await userCalled(portal, 'acme/umar');
    const refused = await mark(olivia, umar, true);
    assert.match(refused.errorOf('breakGlass'), /no passkey yet.*add a passkey, and mark it then/);
    const role = await roleWith(portal, 'acme', ['users:read']);
    const robot = await personWith(portal, 'acme/robot', role, 'service');
    const program = await programOf(portal, 'acme/olivia');
    assert.equal((await program.patch(`/users/${robot.id}`, { breakGlass: true })).status, 422);
    await addSomebody(portal, 'acme/otto', 'owner');
    const { browser } = await withPasskey(portal, 'acme/otto');
    const otto = await userCalled(portal, 'acme/otto');
    assert.equal((await mark(browser, otto, true)).status, 403);
    assert.deepEqual(await User.count({ where: { breakGlass: true } }), 0);
  });

  it('is given twice in an organisation at most, however many ask at once', async () => {
    const others = [await keyedCalled(portal, 'gwen'), await keyedCalled(portal, 'gus')];
    const program = await programOf(portal, 'acme/olivia');
    const answers = await Promise.all(
      [glen, ...others].map(({ user }) => program.patch(`/users/${user.id}`, { breakGlass: true })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 422]);
    assert.equal(await User.count({ where: { breakGlass: true } }), 2);
    const third = answers.find(({ status }) => status === 422);
    assert.match(JSON.stringify(third?.body), /Two accounts are marked break-glass already/);
  });

  it('keeps the last passkey with its owner, and goes with it where an administrator takes it', async () => {
    await mark(olivia, glen.user, true);
    const page = await glen.browser.open(PASSKEYS);
    const [path = ''] = page.links().filter((link) => /\/removal$/.test(link));
    const _csrf = await glen.browser.csrf('/security');
    const kept = await glen.browser.post(path, { _csrf });
    assert.equal(kept.status, 409);
    assert.match(kept.text, /break-glass account, and this is its only passkey. Add another first/);
    assert.equal((await TAKINGS['passkey-removal']?.(olivia, glen.user))?.status, 303);
    assert.equal(await isMarked(glen.user), false);
    assert.equal((await logged(portal, 'acme', 'break-glass.unmarked')).length, 1);
  });

  it('goes where the mail of an administrator’s reset puts back a time without a passkey', async () => {
    const who = 'acme/gwen';
    const user = await addSomebody(portal, who, 'user');
    await enrol(portal, who);
    assert.equal((await TAKINGS['two-factor-removal']?.(olivia, user))?.status, 303);
    const undo = await undoLink(portal, 'gwen@acme.example');
    await givePasskeys(portal, user);
    assert.equal((await mark(olivia, user, true)).status, 303);
    const visitor = portal.browser();
    assert.ok((await visitor.submit(undo, undo)).status < 400);
    assert.equal(await isMarked(user), false);
    assert.equal((await logged(portal, 'acme', 'break-glass.unmarked')).length, 1);
  });

  it('is shown in the list, on the page and by the API, and found by a filter', async () => {
    await mark(olivia, glen.user, true);
    const rows = async (query: string): Promise<string[]> =>
      (await olivia.open(`/admin/users?${query}`)).document
        .querySelectorAll('tbody tr')
        .map((row) => row.text.replace(/\s+/g, ' '));
    const found = await rows('breakGlass=yes');
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /Glen Somebody.*Break-glass/);
    const others = await rows('breakGlass=no');
    assert.ok(others.length > 0 && !others.some((text) => /Glen|Break-glass/.test(text)));
    assert.match((await olivia.open(pageOf(glen.user.id))).heading, /Break-glass/);
    const program = await programOf(portal, 'acme/olivia');
    const { data } = (await program.get('/users?breakGlass=yes')).body as {
      data: { id: string; breakGlass: boolean }[];
    };
    assert.deepEqual(
      data.map(({ id, breakGlass }) => [id, breakGlass]),
      [[glen.user.id, true]],
    );
  });

  it('is no reason for the preview of a list of addresses to name its owner', async () => {
    const named = async (): Promise<boolean> => {
      const program = await programOf(portal, 'acme/olivia');
      const { body, status } = await program.post('/security-policy/preview', { allowedIps: INSIDE });
      assert.equal(status, 200);
      return /glen/.test(JSON.stringify(body));
    };
    await Session.update({ ip: '203.0.113.7' }, { where: { userId: glen.user.id } });
    assert.equal(await named(), true);
    await mark(olivia, glen.user, true);
    assert.equal(await named(), false);
  });
});
