import assert from 'node:assert/strict';
import { Approval } from '#models/approval.js';
import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { lookAfterApprovals } from '#server/jobs/approvals.js';
import { DAY, HOUR } from '#server/lib/clock.js';
import type { Browser } from '../support/browser.js';
import { generate, makeToken, rotate, sendToken, TOKENS, verdictOn } from '../support/credentials.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { giveRoles } from '../support/programs.js';
import { newestDetails, userCalled } from '../support/users.js';

const PAGE = '/admin/approvals';

describe('A token of a role that asks for an approval', () => {
  let portal: Portal;
  let uma: Browser;
  let olivia: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
    olivia = await portal.signedIn('acme/olivia');
    await Role.update({ tokensNeedApproval: true }, { where: { key: ['user', 'admin', 'owner'] } });
  });
  afterEach(() => portal.close());

  const waiting = async (browser = uma): Promise<{ secret: string; id: string; at: string; approval: string }> => {
    const token = await makeToken(browser);
    const { id: approval } = await Approval.findOne({ where: { subjectId: token.id }, rejectOnEmpty: true });
    return { ...token, approval, at: `${PAGE}/${approval}` };
  };
  const approve = (browser: Browser, at: string) => browser.submit(at, `${at}/approval`);
  const refuse = (browser: Browser, at: string, reason: string) => browser.submit(at, `${at}/refusal`, { reason });
  const stateOf = async (id: string) => (await Approval.findByPk(id, { rejectOnEmpty: true })).state;

  it('is said by its role, and where none waits the list leads there', async () => {
    const empty = async (at: string) => (await olivia.open(at)).document.querySelector('.empty-action a');
    assert.equal((await empty(PAGE))?.getAttribute('href'), '/admin/roles');
    assert.equal((await empty(`${PAGE}?state=refused`))?.getAttribute('href'), PAGE);
  });

  it('opens nothing until an owner has approved it, and says so to whoever made it', async () => {
    const made = await sendToken(uma);
    assert.match(made.alert || made.text, /opens nothing yet/);
    const { id, secret, at } = await waiting();
    assert.equal(await verdictOn(portal, secret), '401 token_waiting');
    assert.match((await uma.open(TOKENS)).text, /Waits for approval/);
    assert.match((await uma.open(`${TOKENS}/${id}`)).text, /waits for an approval.*Nothing: every call/s);
    assert.match((await olivia.open(at)).text, /Role\s*User\s*Scopes\s*All of the role: tokens:create/);
    assert.equal((await approve(olivia, at)).status, 303);
    assert.equal(await verdictOn(portal, secret), '200');
    assert.match((await portal.inbox.newestTo('uma@acme.example')).text, /Nightly backup.*has been approved/s);
    assert.equal(
      (await newestDetails(portal, 'acme', 'approval.requested'))['about'],
      'The API token “Nightly backup”',
    );
    const [given] = await logged(portal, 'acme', 'approval.given');
    assert.equal(given?.['actor_id'], portal.idOf('acme/olivia'));
  });

  it('is nobody’s to approve who asked for it, nor an administrator’s who is no owner, nor another organisation’s', async () => {
    const own = await waiting(olivia);
    const { at, approval, secret } = await waiting();
    const adam = await portal.signedIn('acme/adam');
    const oscar = await portal.signedIn('globex/oscar');
    for (const [browser, path, status] of [
      [olivia, own.at, 403],
      [adam, at, 403],
      [uma, at, 403],
      [oscar, at, 404],
    ] as const) {
      const _csrf = await browser.csrf('/security');
      assert.equal((await browser.post(`${path}/approval`, { _csrf })).status, status);
      assert.equal((await browser.post(`${path}/refusal`, { _csrf, reason: 'No' })).status, status);
    }
    const seen = await adam.open(at);
    assert.match(seen.text, /not yours to decide/);
    assert.ok(!seen.forms().includes(`${at}/approval`));
    assert.ok(!(await olivia.open(own.at)).forms().includes(`${own.at}/approval`));
    assert.deepEqual([await stateOf(approval), await stateOf(own.approval)], ['waiting', 'waiting']);
    assert.equal(await verdictOn(portal, secret), '401 token_waiting');
  });

  it('is refused with a reason, which whoever asked is told, and is over for good', async () => {
    const { at, approval, secret } = await waiting();
    const page = await refuse(olivia, at, ' ');
    assert.equal(page.status, 422);
    assert.match(page.errorOf('reason'), /Say why/);
    assert.equal(await stateOf(approval), 'waiting');
    assert.equal((await refuse(olivia, at, 'Use the backup server’s')).status, 303);
    assert.equal(await verdictOn(portal, secret), '401 token_revoked');
    assert.match(
      (await portal.inbox.newestTo('uma@acme.example')).text,
      /has been refused.*Reason: Use the backup server’s/s,
    );
    assert.equal((await newestDetails(portal, 'acme', 'approval.refused'))['reason'], 'Use the backup server’s');
    const _csrf = await olivia.csrf('/security');
    assert.equal((await olivia.post(`${at}/approval`, { _csrf })).status, 409);
    assert.equal(await verdictOn(portal, secret), '401 token_revoked');
  });

  it('is decided once: of two owners who answer at the same moment the first counts', async () => {
    await giveRoles(await userCalled(portal, 'acme/adam'), [
      await Role.factory((await userCalled(portal, 'acme/adam')).tenantId, 'owner'),
    ]);
    const adam = await portal.signedIn('acme/adam');
    const { at, approval } = await waiting();
    const [one, other] = await Promise.all([approve(olivia, at), refuse(adam, at, 'No')]);
    assert.deepEqual([one.status, other.status].sort(), [303, 409]);
    const decided = (await logged(portal, 'acme', 'approval.given')).length;
    assert.equal(decided + (await logged(portal, 'acme', 'approval.refused')).length, 1);
    assert.equal(await stateOf(approval), one.status === 303 ? 'approved' : 'refused');
  });

  it('is void after seven days, and when its role or its owner’s account ends; whoever asked is told', async () => {
    const late = await waiting();
    portal.clock.move(7 * DAY - HOUR);
    await lookAfterApprovals(portal.services);
    assert.equal(await stateOf(late.approval), 'waiting');
    portal.clock.move(HOUR);
    olivia = await portal.signedIn('acme/olivia');
    const _csrf = await olivia.csrf('/security');
    assert.equal((await olivia.post(`${late.at}/approval`, { _csrf })).status, 409, 'Before any job has looked at it.');
    assert.equal(await lookAfterApprovals(portal.services), 1);
    assert.equal(await stateOf(late.approval), 'void');
    assert.equal(await verdictOn(portal, late.secret), '401 token_revoked');
    assert.match((await portal.inbox.newestTo('uma@acme.example')).text, /not decided within seven days, and is void/);
    uma = await portal.signedIn('acme/uma');
    const roleless = await waiting();
    const user = await userCalled(portal, 'acme/uma');
    await giveRoles(user, []);
    assert.equal((await olivia.post(`${roleless.at}/approval`, { _csrf })).status, 409, 'The role is looked at again.');
    assert.equal(await lookAfterApprovals(portal.services), 1);
    await giveRoles(user, [await Role.factory(user.tenantId, 'user')]);
    assert.equal(await verdictOn(portal, roleless.secret), '401 token_revoked', 'It stays over when the role is back.');
    const disabled = await waiting();
    await User.update({ status: 'disabled' }, { where: { id: user.id } });
    assert.equal(await lookAfterApprovals(portal.services), 1);
    assert.equal(await stateOf(disabled.approval), 'void');
    assert.equal((await logged(portal, 'acme', 'approval.void')).length, 3);
  });

  it('is told once a day to those who may decide, and to nobody else', async () => {
    const mails = async (who: string) =>
      (await portal.inbox.mailsTo(`${who}@acme.example`)).filter(({ text }) => String(text).includes(PAGE)).length;
    await waiting();
    await lookAfterApprovals(portal.services);
    await waiting();
    await lookAfterApprovals(portal.services);
    assert.deepEqual([await mails('olivia'), await mails('adam'), await mails('uma')], [1, 0, 0]);
    portal.clock.move(DAY);
    await lookAfterApprovals(portal.services);
    assert.equal(await mails('olivia'), 2);
    assert.match((await portal.inbox.newestTo('olivia@acme.example')).text, /2 requests wait/);
    await Approval.update({ state: 'approved' }, { where: {} });
    portal.clock.move(2 * DAY);
    await lookAfterApprovals(portal.services);
    assert.equal(await mails('olivia'), 2, 'Nothing waits, so nothing is said.');
  });

  it('keeps what was decided when it is rotated, and goes on waiting where nothing was', async () => {
    const { id, secret, at } = await waiting();
    const _csrf = await uma.csrf('/security');
    const again = await uma.post(`${TOKENS}/${id}/rotation`, { _csrf, overlapHours: '1' });
    const renewed = again.document.querySelector('[data-secret=token]')?.text.trim() ?? '';
    assert.equal(await verdictOn(portal, renewed), '401 token_waiting');
    await approve(olivia, at);
    assert.deepEqual([await verdictOn(portal, secret), await verdictOn(portal, renewed)], ['200', '200']);
    const last = (await rotate(uma, id, '0')).document.querySelector('[data-secret=token]')?.text.trim() ?? '';
    assert.equal(await verdictOn(portal, last), '200');
    assert.equal(await Approval.count(), 1, 'It is asked for once.');
  });

  it('has no way round it: no key, no API password, and no administrator who lifts the demand for a moment', async () => {
    const { tenantId } = await userCalled(portal, 'acme/uma');
    for (const kind of ['api-key', 'api-password'] as const)
      await assert.rejects(() => generate(uma, kind), /409|approved/);
    assert.equal(await ApiCredential.count({ where: { kind: ['key', 'password'] } }), 0);
    const role = await Role.factory(tenantId, 'admin');
    const adam = await portal.signedIn('acme/adam', PASSWORD);
    const path = `/admin/roles/${role.id}`;
    const page = await adam.submit(path, path, { tokensNeedApproval: '' });
    assert.equal(page.status, 422);
    assert.match(page.errorOf('tokensNeedApproval'), /Only an owner/);
    assert.equal((await olivia.submit(path, path, { tokensNeedApproval: '' })).status, 303);
    assert.deepEqual((await newestDetails(portal, 'acme', 'role.changed'))['tokensNeedApproval'], {
      from: true,
      to: false,
    });
  });
});
