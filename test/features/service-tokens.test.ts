import assert from 'node:assert/strict';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import { Role } from '#models/role.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { secretOn } from '../support/credentials.js';
import { startPortal, type Portal } from '../support/portal.js';
import { bearer, giveRoles, roleWith, tokenFor } from '../support/programs.js';
import { addSomebody, newestDetails, userCalled } from '../support/users.js';

describe('An admin and the API tokens of a service account', () => {
  let portal: Portal;
  let adam: Browser;
  let path: string;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    path = `/admin/users/${portal.idOf('acme/robo')}/tokens`;
  });
  afterEach(() => portal.close());

  const pageOf = async (id: string, query = ''): Promise<Page> => adam.open(`${path}/${id}${query}`);

  it('opens the form as a link fills it in, which makes nothing, and is told what of it was left out', async () => {
    const page = await adam.open(`${path}/new?name=Build+server&months=2&role=user&scopes=users:delete`);
    assert.equal(page.valueOf('name'), 'Build server');
    assert.equal(page.form(path)['months'], '2');
    assert.match(page.text, /Not everything in the link was taken One scope is none that the role grants/);
    assert.equal(await ApiCredential.count(), 0);
  });

  it('reads in sentences what it will be, makes it from there, and tries it by the line of curl that stands beside it', async () => {
    const form = (await adam.open(`${path}/new`)).form(path);
    const review = await adam.post(`${path}/preview`, { ...form, name: 'Build server', months: '2' });
    assert.match(review.text, /It acts as Robo.*, with the role User\. When the account loses that role/);
    assert.match(review.text, /Read what concerns the account: its profile/);
    assert.match(review.text, /It works until \d+ \w+ \d{4}.*It works from every address\./);
    assert.equal(await ApiCredential.count(), 0);
    const shown = await adam.post(path, review.form(path));
    const secret = shown.document.querySelector('[data-secret=token]')?.text.trim() ?? '';
    assert.equal((await bearer(portal, secret).get('/me')).status, 200);
    assert.match(shown.text, /curl -H "Authorization: Bearer \$TOKEN"/);
    const { id } = await ApiCredential.findOne({ rejectOnEmpty: true });
    assert.ok(shown.links().includes(`${path}/${id}`), 'its page is the next step');
  });

  it('is shown the form again for what cannot be made, with what was typed', async () => {
    const form = (await adam.open(`${path}/new`)).form(path);
    const refused = await adam.post(`${path}/preview`, { ...form, name: '', months: '2' });
    assert.equal(refused.status, 422);
    assert.equal(refused.form(path)['months'], '2');
  });

  it('sees what one can do right now, why not the rest, and what a call with it would be answered', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/robo', { allowedIps: '203.0.113.0/24' });
    const page = await pageOf(id);
    assert.match(page.text, /users:read\s*(No)?\s*Its role does not grant this\./);
    assert.match((await pageOf(id, '?ip=198.51.100.7')).text, /403 ip_not_allowed/);
    assert.match((await pageOf(id, '?ip=203.0.113.7')).text, /200 The call would be answered/);
    assert.match((await pageOf(id, '?ip=203.0.113.7&permission=users:read')).text, /403/);
    assert.match((await adam.open(`${path}/${id}?ip=nowhere`)).text, /Enter one IP address/);
    assert.doesNotMatch(page.html, new RegExp(secret.split('_').at(-1) ?? ''));
    await giveRoles(await userCalled(portal, 'acme/robo'), [await roleWith(portal, 'acme', ['log:read'])]);
    assert.match((await pageOf(id)).text, /The account no longer has its role, User, so every call with it is refused/);
  });

  it('sees those that are dead for 90 days: who ended them, when, and why', async () => {
    const { id } = await tokenFor(portal, 'acme/robo');
    const at = `/admin/credentials/${id}/removal`;
    assert.ok((await pageOf(id)).links().includes(at));
    assert.equal((await adam.submit(`${path}/${id}`, at)).status, 303);
    const list = await adam.open(path);
    assert.match(list.text, /Token \d+.*Revoked/);
    assert.match((await pageOf(id)).text, /Ended.*Revoked, by Adam/);
    assert.ok(!(await pageOf(id)).links().includes(at));
  });

  it('gives one a new secret, shown once; the old one works as long as was chosen, and the administrators get a mail', async () => {
    const { id, secret } = await tokenFor(portal, 'acme/robo');
    const shown = await adam.submit(`${path}/${id}`, `${path}/${id}/rotation`, { overlapHours: '1' });
    const fresh = secretOn(shown);
    assert.match(shown.text, /works for one more hour/);
    assert.ok(shown.links().includes(`${path}/${id}`), 'and its page is the next step');
    for (const one of [secret, fresh]) assert.equal((await bearer(portal, one).get('/me')).status, 200);
    const details = await newestDetails(portal, 'acme', 'api-token.rotated');
    assert.equal(details['credential'], id);
    for (const who of ['adam', 'olivia', 'audrey']) {
      const mails = await portal.inbox.mailsTo(`${who}@acme.example`);
      const told = mails.filter(({ subject }) => subject === 'New secret of an API token of robo at Acme');
      assert.equal(told.length, who === 'audrey' ? 0 : 1, who);
      if (told[0])
        assert.match(
          told[0].text,
          /^The API token .* \(robo\) at Acme has a new secret: Adam Arslan has rotated it\./m,
        );
    }
    portal.clock.move(HOUR + MINUTE);
    assert.equal((await bearer(portal, secret).get('/me')).status, 401);
    assert.equal((await bearer(portal, fresh).get('/me')).status, 200);
  });

  it('gives none to who could not make it: less than the account may, another organisation, or an account that is disabled', async () => {
    const own = await tokenFor(portal, 'acme/robo');
    const foreign = await tokenFor(portal, 'acme/uma');
    const post = async (browser: Browser, at: string): Promise<number> =>
      (await browser.post(`${at}/rotation`, { _csrf: await browser.csrf('/profile'), overlapHours: '0' })).status;
    assert.equal(await post(adam, `${path}/${foreign.id}`), 404, 'not by the path of another account');
    assert.equal(await post(adam, `/admin/users/${portal.idOf('acme/uma')}/tokens/${foreign.id}`), 403, 'of a person');
    assert.equal(await post(await portal.signedIn('globex/gary'), `${path}/${own.id}`), 404);
    assert.equal(await post(await portal.signedIn('acme/audrey'), `${path}/${own.id}`), 403);
    const desk = await roleWith(portal, 'acme', ['users:read', 'users:write', 'tokens:create', 'credentials:read']);
    await giveRoles(await addSomebody(portal, 'acme/rita', 'user'), [desk]);
    await giveRoles(await userCalled(portal, 'acme/robo'), [await roleWith(portal, 'acme', ['log:read'])]);
    const rita = await portal.signedIn('acme/rita');
    assert.ok(!(await rita.open(`${path}/${own.id}`)).forms().some((action) => action.endsWith('/rotation')));
    assert.equal(await post(rita, `${path}/${own.id}`), 403);
    // A role that only reads takes the rights of another away, for as long as it is held: who may not grant that one gets no secret of it.
    const [strong, reads] = [await roleWith(portal, 'acme', ['policy:write']), { readOnly: true }];
    await giveRoles(await userCalled(portal, 'acme/robo'), [
      strong,
      await roleWith(portal, 'acme', ['users:read'], reads),
    ]);
    const held = await tokenFor(portal, 'acme/robo', { role: strong.name });
    assert.equal((await rita.open(`${path}/${held.id}`)).status, 200, 'They may act on the account.');
    assert.equal(await post(rita, `${path}/${held.id}`), 403);
    await (await userCalled(portal, 'acme/robo')).update({ status: 'disabled' });
    assert.equal(await post(adam, `${path}/${own.id}`), 403);
    assert.equal(await ApiCredentialSecret.count(), 3, 'no secret was made');
  });

  it('gives none to a token whose role asks for an approval of each: what an owner approved for one, another would hold', async () => {
    const { id } = await tokenFor(portal, 'acme/robo');
    assert.ok((await pageOf(id)).forms().includes(`${path}/${id}/rotation`));
    const form = (await pageOf(id)).form(`${path}/${id}/rotation`);
    await Role.update({ tokensNeedApproval: true }, { where: { key: 'user' } });
    assert.ok(!(await pageOf(id)).forms().includes(`${path}/${id}/rotation`));
    const refused = await adam.post(`${path}/${id}/rotation`, { ...form, overlapHours: '24' });
    assert.equal(refused.status, 409);
    assert.match(refused.text, /Make a new one, and have that approved/);
    assert.equal(await ApiCredentialSecret.count(), 1);
  });

  it('sees none of a person, nor of another organisation; who may not make or revoke them has no button', async () => {
    const token = await tokenFor(portal, 'acme/uma');
    const own = await tokenFor(portal, 'acme/robo');
    const people = `/admin/users/${portal.idOf('acme/uma')}/tokens`;
    assert.equal((await adam.get(people)).status, 404);
    assert.equal((await adam.get(`${people}/${token.id}`)).status, 404);
    assert.equal((await adam.get(`${path}/${token.id}`)).status, 404, 'not by the path of another account');
    const gary = await portal.signedIn('globex/gary');
    for (const at of [path, `${path}/${own.id}`, `${path}/new`]) assert.equal((await gary.get(at)).status, 404, at);
    const audrey = await portal.signedIn('acme/audrey');
    for (const at of [path, `${path}/${own.id}`]) {
      const page = await audrey.open(at);
      assert.equal(page.status, 200);
      assert.deepEqual(
        page.links().filter((to) => /removal|\/new/.test(to)),
        [],
      );
    }
    assert.equal((await audrey.get(`${path}/new`)).status, 403);
    await giveRoles(await addSomebody(portal, 'acme/rita', 'user'), [await roleWith(portal, 'acme', ['users:read'])]);
    const rita = await portal.signedIn('acme/rita');
    for (const at of [path, `${path}/${own.id}`]) assert.equal((await rita.get(at)).status, 403, at);
  });
});
