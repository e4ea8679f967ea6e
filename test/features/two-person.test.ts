import assert from 'node:assert/strict';
import { Approval } from '#models/approval.js';
import { Passkey } from '#models/passkey.js';
import { User } from '#models/user.js';
import { DAY } from '#server/lib/clock.js';
import { logged } from '../support/links.js';
import { enterPass, passOn } from '../support/passes.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, programOf, tokenFor } from '../support/programs.js';
import { setPolicy } from '../support/second-factor.js';
import { approve, peerCalled, TAKINGS, waitingOne, type Peer } from '../support/two-person.js';
import { addSomebody, pageOf } from '../support/users.js';
import type { Browser } from '../support/browser.js';

describe('What is taken from the account of an administrator', () => {
  let portal: Portal;
  let olivia: Browser;
  let peer: Peer;
  beforeEach(async () => {
    portal = await startPortal();
    await setPolicy(portal, 'acme', { twoPersonReset: true });
    olivia = await portal.signedIn('acme/olivia');
    peer = await peerCalled(portal, 'petra');
  });
  afterEach(() => portal.close());

  const standing = async (): Promise<unknown[]> => {
    const { twoFactor, epoch } = await User.findByPk(peer.user.id, { rejectOnEmpty: true });
    return [twoFactor, epoch, await Passkey.count({ where: { userId: peer.user.id } })];
  };

  for (const [kind, ask] of Object.entries(TAKINGS))
    it(`waits for a second one, who does the very same: ${kind}`, async () => {
      const before = await standing();
      const asked = await ask(olivia, peer.user);
      assert.equal(asked.status, 303);
      assert.match((await olivia.follow(asked)).text, /Another administrator has to approve this/);
      assert.deepEqual(await standing(), before, 'Nothing has happened yet.');
      const told = await portal.inbox.newestTo(peer.user.email);
      assert.match(told.text, /asked for by Olivia.*Nothing has been changed yet.*Reason: Lost the phone/s);
      assert.match(told.text, /\/disavowal\//);
      assert.match((await portal.inbox.newestTo('adam@acme.example')).text, /One request waits/);
      const { at, row } = await waitingOne();
      assert.deepEqual([row.kind, row.requestedBy], [kind, portal.idOf('acme/olivia')]);
      const adam = await portal.signedIn('acme/adam');
      const page = await adam.open(at);
      for (const words of [/Olivia/, /Lost the phone/, /Petra/]) assert.match(page.text, words);
      const done = await adam.submit(at, `${at}/approval`);
      assert.ok([200, 303].includes(done.status), done.text);
      assert.equal((await row.reload()).state, 'approved');
      if (kind === 'access-pass') assert.match(passOn(done), /\S{12}/);
      else assert.notDeepEqual(await standing(), before);
      const mails = await portal.inbox.mailsTo(peer.user.email);
      assert.ok(mails.some(({ text }) => /Adam .*, as Olivia .* has asked/s.test(text)));
      const [given] = await logged(portal, 'acme', 'approval.given');
      assert.equal(given?.['actor_id'], portal.idOf('acme/adam'));
    });

  it('waits by the API as well, which answers 202 with what waits, and approves it for somebody else', async () => {
    const program = await programOf(portal, 'acme/olivia');
    const path = `/users/${peer.user.id}`;
    const body = { reason: 'Lost the phone' };
    const calls = [
      ['post', `${path}/two-factor`, { ...body, state: 'pending' }, 'two-factor-reset'],
      ['delete', `${path}/two-factor`, body, 'two-factor-removal'],
      ['delete', `${path}/passkeys`, body, 'passkey-removal'],
    ] as const;
    for (const [method, at, sent, kind] of calls) {
      const answer = await program[method](at, sent);
      assert.deepEqual([answer.status, answer.body['kind'], answer.body['state']], [202, kind, 'waiting']);
      assert.equal((await program.post(`/approvals/${answer.body['id'] as string}/approval`)).status, 403);
    }
    const adam = await programOf(portal, 'acme/adam');
    const { body: list } = await adam.get('/approvals');
    const [, second, first] = list['data'] as { id: string; kind: string }[];
    const refused = await adam.post(`/approvals/${second?.id ?? ''}/refusal`, { reason: 'She has found it' });
    assert.deepEqual(
      [refused.status, refused.body['state'], refused.body['answer']],
      [200, 'refused', 'She has found it'],
    );
    assert.match((await portal.inbox.newestTo(peer.user.email)).text, /has been refused.*She has found it/s);
    const approved = await adam.post(`/approvals/${first?.id ?? ''}/approval`);
    assert.deepEqual([approved.status, approved.body['state']], [200, 'approved']);
    assert.equal((await standing())[0], 'pending');
    assert.equal((await adam.post(`/approvals/${first?.id ?? ''}/approval`)).status, 409, 'Once.');
    assert.equal((await (await programOf(portal, 'globex/oscar')).get(`/approvals/${first?.id ?? ''}`)).status, 404);
  });

  it('makes no pass by the API, where it could not be shown once', async () => {
    await TAKINGS['access-pass']?.(olivia, peer.user);
    const { id, row } = await waitingOne();
    const { secret } = await tokenFor(portal, 'acme/adam');
    assert.equal((await bearer(portal, secret).post(`/approvals/${id}/approval`)).status, 409);
    assert.equal((await row.reload()).state, 'waiting');
  });

  it('is nobody’s to approve who has asked, whom it is about, who may not do it alone, or who is elsewhere', async () => {
    await TAKINGS['two-factor-reset']?.(olivia, peer.user);
    const { at, row } = await waitingOne();
    await User.update({ twoFactor: 'disabled' }, { where: { id: peer.user.id } });
    await Passkey.destroy({ where: { userId: peer.user.id } });
    for (const [who, status] of [
      ['acme/olivia', 403],
      ['acme/petra', 403],
      ['acme/audrey', 403],
      ['acme/uma', 403],
      ['globex/oscar', 404],
      ['platform/opal', 404],
    ] as const) {
      const browser = await portal.signedIn(who);
      assert.equal((await approve(browser, at)).status, status, who);
      const _csrf = await browser.csrf('/security');
      assert.equal((await browser.post(`${at}/refusal`, { _csrf, reason: 'No' })).status, status, who);
    }
    assert.equal((await row.reload()).state, 'waiting');
    await addSomebody(portal, 'acme/oona', 'owner');
    const oona = await User.findOne({ where: { username: 'oona' }, rejectOnEmpty: true });
    await TAKINGS['access-pass']?.(olivia, oona);
    const { id } = await Approval.findOne({ where: { userId: oona.id }, rejectOnEmpty: true });
    const adam = await portal.signedIn('acme/adam');
    assert.equal((await approve(adam, `/admin/approvals/${id}`)).status, 403, 'An owner is above an administrator.');
  });

  it('gives the one who approves a pass that opens the set-up, once', async () => {
    await TAKINGS['access-pass']?.(olivia, peer.user);
    const { at } = await waitingOne();
    const adam = await portal.signedIn('acme/adam');
    const pass = passOn(await approve(adam, at));
    assert.equal((await enterPass(portal.browser(), peer.who, pass)).location, '/login/pass/setup');
    assert.equal((await approve(adam, at)).status, 409);
  });

  it('is taken back by who has asked, by page and API, and by nobody else; its owner is told', async () => {
    const adam = await portal.signedIn('acme/adam');
    const doors: Readonly<Record<string, (id: string) => Promise<number>>> = {
      page: async (id) => (await olivia.submit(`/admin/approvals/${id}`, `/admin/approvals/${id}/withdrawal`)).status,
      API: async (id) => (await (await programOf(portal, 'acme/olivia')).post(`/approvals/${id}/withdrawal`)).status,
    };
    for (const [door, takeBack] of Object.entries(doors)) {
      await TAKINGS['access-pass']?.(olivia, peer.user);
      const { id, at, row } = await waitingOne();
      const _csrf = await adam.csrf('/security');
      assert.equal((await adam.post(`${at}/withdrawal`, { _csrf })).status, 404);
      assert.ok(!(await adam.open(at)).forms().includes(`${at}/withdrawal`));
      assert.equal((await row.reload()).state, 'waiting');
      assert.ok([200, 303].includes(await takeBack(id)), door);
      assert.equal((await row.reload()).state, 'withdrawn');
      assert.match((await portal.inbox.newestTo(peer.user.email)).text, /was taken back by whoever had asked for it/);
      assert.equal((await approve(adam, at)).status, 409);
      const token = await olivia.csrf('/security');
      assert.equal((await olivia.post(`${at}/withdrawal`, { _csrf: token })).status, 409, 'Once.');
    }
    assert.equal((await logged(portal, 'acme', 'approval.withdrawn')).length, 2);
  });

  it('is found by state, kind, whose turn it is and who has asked, by page and API', async () => {
    await TAKINGS['two-factor-reset']?.(olivia, peer.user);
    const { id, at } = await waitingOne();
    await TAKINGS['passkey-removal']?.(olivia, peer.user);
    const { id: gone } = await Approval.findOne({ where: { kind: 'passkey-removal' }, rejectOnEmpty: true });
    await olivia.submit(`/admin/approvals/${gone}`, `/admin/approvals/${gone}/withdrawal`);
    const adam = await portal.signedIn('acme/adam');
    for (const [query, byAdam, byOlivia] of [
      ['', [id, gone], [id, gone]],
      ['state=waiting', [id], [id]],
      ['state=withdrawn', [gone], [gone]],
      ['state=void', [], []],
      ['kind=passkey-removal', [gone], [gone]],
      ['decide=yes', [id], []],
      ['asked=yes', [], [id, gone]],
      ['asked=yes&state=waiting', [], [id]],
      ['q=PETRA', [id, gone], [id, gone]],
      ['q=removal of a passkey', [gone], [gone]],
      ['q=nobody', [], []],
    ] as const)
      for (const [who, browser, expected] of [
        ['acme/adam', adam, byAdam],
        ['acme/olivia', olivia, byOlivia],
      ] as const) {
        const links = (await browser.open(`/admin/approvals?${query}`)).links();
        const found = [id, gone].filter((one) => links.includes(`/admin/approvals/${one}`));
        assert.deepEqual(found, expected, `${who}: ${query}`);
        const { body } = await (await programOf(portal, who)).get(`/approvals?${query}`);
        assert.deepEqual((body['data'] as { id: string }[]).map((one) => one.id).sort(), [...expected].sort(), query);
      }
    portal.clock.move(DAY);
    const later = await portal.signedIn('acme/adam');
    assert.ok((await later.open('/admin/approvals?state=void')).links().includes(at), 'Its time is over.');
  });

  it('is done at once where it is about somebody who changes nothing of others', async () => {
    const uma = await User.findOne({ where: { username: 'uma' }, rejectOnEmpty: true });
    const done = await TAKINGS['access-pass']?.(olivia, uma);
    assert.match(done ? passOn(done) : '', /\S{12}/);
    assert.equal(await Approval.count(), 0);
    assert.doesNotMatch((await olivia.open(`${pageOf(uma.id)}/access-pass`)).text, /before another administrator/);
    assert.match((await olivia.open(`${pageOf(peer.user.id)}/access-pass`)).text, /before another administrator/);
  });

  it('waits whatever the policy says, for an administrator whom two others could approve, and only an owner lifts the policy', async () => {
    const path = '/admin/security-policy';
    const adam = await portal.signedIn('acme/adam');
    const refused = await adam.submit(path, path, { twoPersonReset: '' });
    assert.match(refused.errorOf('twoPersonReset'), /Only an owner/);
    await setPolicy(portal, 'acme', { twoPersonReset: false });
    const done = await TAKINGS['access-pass']?.(olivia, peer.user);
    assert.match(done ? passOn(done) : '', /\S{12}/, 'There is one other.');
    await addSomebody(portal, 'acme/otto', 'admin');
    assert.equal((await TAKINGS['access-pass']?.(olivia, peer.user))?.status, 303);
    assert.equal(await Approval.count({ where: { state: 'waiting' } }), 1);
  });
});
