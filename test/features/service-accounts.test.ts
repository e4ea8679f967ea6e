import assert from 'node:assert/strict';
import { keptApart } from '#models/kept-apart.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import { workOnPeople } from '#server/jobs/people.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { Program } from '../support/program.js';
import { freshSshKey, programOf, tokenFor } from '../support/programs.js';
import { newestDetails, userCalled } from '../support/users.js';

const NEW = '/admin/users/new?kind=service';
const IMPORT = '/admin/users/import';

describe('A service account without an e-mail address', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  const add = (fields: Fields): Promise<Page> => adam.submit(NEW, '/admin/users', fields);
  const mailsTo = async (name: string): Promise<string[]> =>
    (await portal.inbox.mailsTo(`${name}@acme.example`)).map(({ subject }) => String(subject));

  it('is added from the list of users, with a name and a username, and as many as there are programs', async () => {
    const list = await adam.open('/admin/users');
    assert.ok(list.links().includes(NEW), 'It has an entry of its own.');
    for (const username of ['deploy', 'nightly', 'metrics']) {
      const answer = await add({ name: `The ${username} program`, username });
      const account = await userCalled(portal, `acme/${username}`);
      assert.equal(answer.location, `/admin/users/${account.id}/tokens/new`);
      assert.deepEqual([account.kind, account.status, account.email], ['service', 'active', '']);
    }
    assert.deepEqual(await keptApart(), []);
  });

  it('is shown and found like every other, and is what an empty or a missing address never finds', async () => {
    const list = await adam.open('/admin/users?kind=service&q=nightly');
    assert.match(list.text, /The nightly program\s+nightly\s/);
    assert.match((await adam.open('/admin/users?sort=email')).text, /The nightly program/);
    const { id } = await userCalled(portal, 'acme/nightly');
    assert.match((await adam.open(`/admin/users/${id}`)).text, /E-mail address\s*None/);
    for (const typed of ['', '@', `~${id}`, id])
      assert.equal((await portal.browser().tryToSignIn(`acme/${typed}`, 'nothing')).status, 422, typed);
  });

  it('is for programs alone: a person needs an address, whoever adds them, and keeps one', async () => {
    const nora = { name: 'Nora', username: 'nora', email: '' };
    const page = await adam.submit('/admin/users/new', '/admin/users', { ...nora, name: '' });
    assert.equal(page.status, 422);
    assert.deepEqual(
      [page.errorOf('name'), page.errorOf('email')],
      ['Error: Enter the name.', 'Error: Enter an e-mail address.'],
      'Said all at once.',
    );
    const uma = `/admin/users/${portal.idOf('acme/uma')}`;
    assert.equal((await adam.submit(uma, uma, { email: '' })).errorOf('email'), 'Error: Enter an e-mail address.');
    const program = await programOf(portal, 'acme/adam');
    for (const body of [nora, { ...nora, email: undefined }]) {
      const { status, body: problem } = await program.post('/users', body);
      assert.equal(status, 422);
      assert.deepEqual(problem['errors'], [{ field: 'email', message: 'Enter an e-mail address.' }]);
    }
    assert.equal((await program.patch(`/users/${portal.idOf('acme/uma')}`, { email: '' })).status, 422);
    assert.equal((await userCalled(portal, 'acme/uma')).email, 'uma@acme.example');
    assert.equal(await User.count({ where: { username: 'nora' } }), 0);
  });

  it('is made by programs too, which can give it an address and take it again, and nobody is mailed of that', async () => {
    const program = await programOf(portal, 'acme/adam');
    const made = await program.post('/users', { kind: 'service', name: 'Reports', username: 'reports' });
    assert.deepEqual([made.status, made.body['email']], [201, '']);
    const path = `/users/${String(made.body['id'])}`;
    for (const email of ['team@acme.example', '']) {
      assert.equal((await program.patch(path, { email })).body['email'], email);
      assert.equal((await program.patch(path, { name: 'Reports again' })).body['email'], email);
    }
    assert.deepEqual(await mailsTo('team'), []);
    assert.match(JSON.stringify(await newestDetails(portal, 'acme', 'email.changed')), /from/);
    const taken = await program.patch(path, { email: 'uma@acme.example' });
    assert.equal(taken.status, 422);
  });

  it('comes out of an import without one, goes into the file of an export, and back unchanged', async () => {
    const paste = async (csv: string): Promise<Page> => {
      const fields = (await adam.open(IMPORT)).form(`${IMPORT}/preview`);
      return adam.post(`${IMPORT}/preview`, { ...fields, csv });
    };
    const page = await paste('username,name,email,kind\nfax,Fax,,service\nphone,Phone,,service\nida,Ida,,person\n');
    assert.match(page.text, /New 2 Changed 0 Nothing to do 0 Refused 1/);
    assert.match(page.text, /email: Enter an e-mail address/);
    await adam.post(IMPORT, page.form(IMPORT));
    await workOnPeople(portal.services);
    for (const name of ['fax', 'phone']) assert.equal((await userCalled(portal, `acme/${name}`)).email, '');
    const file = (await adam.get('/admin/users/export.csv?kind=service')).html;
    assert.match(file, /\r\nfax,Fax,,User,active,service\r\n/);
    assert.match((await paste(file)).text, /New 0 Changed 0 Nothing to do \d+ Refused 0/);
  });

  it('has its administrators for readers: they are told when its token was leaked, and of an SSH key nobody is', async () => {
    const { secret } = await tokenFor(portal, 'acme/deploy');
    const program = new Program(portal, { Authorization: `Bearer ${secret}` });
    assert.equal((await program.post('/me/ssh-keys', { name: 'A', publicKey: freshSshKey() })).status, 201);
    assert.equal(await SshKey.count(), 1);
    assert.equal((await new Program(portal).post('/credentials/leaked', { tokens: [secret] })).status, 202);
    for (const name of ['adam', 'olivia']) {
      const mail = await portal.inbox.newestTo(`${name}@acme.example`);
      assert.match(mail.subject, /leaked API credential/);
      assert.match(mail.text, /of the account deploy at Acme/);
      const { id } = await userCalled(portal, 'acme/deploy');
      assert.ok(mail.text.includes(`/admin/users/${id}`), 'It leads to the account, not to a page of their own.');
    }
    assert.equal(await OutboxMessage.count({ where: { recipient: '' } }), 0);
  });
});
