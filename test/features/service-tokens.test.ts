import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import type { Browser, Page } from '../support/browser.js';

import { startPortal, type Portal } from '../support/portal.js';
import { bearer, giveRoles, roleWith, tokenFor } from '../support/programs.js';
import { addSomebody, userCalled } from '../support/users.js';

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
