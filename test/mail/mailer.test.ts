import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { OutboxMessage } from '#models/outbox-message.js';
import { deliverDue } from '#server/mail/delivery.js';
import { errorText } from '#server/mail/error-text.js';
import { Undeliverable, createMailer, type Mail } from '#server/mail/mailer.js';
import { queueMail } from '#server/mail/outbox.js';
import { openPostOffice } from './post-office.js';
import { BASE_URL, makeWorld, uma, type World } from './support.js';
import { processorTime } from '../support/processor.js';

const mail: Mail = {
  id: 'm1',
  event: 'invitation',
  from: 'Gatehouse <gatehouse@acme.example>',
  to: 'uma@acme.example',
  subject: 'Grüße',
  text: 'Text',
  html: '<p>HTML</p>',
};

describe('without an SMTP server', () => {
  let world: World;
  before(async () => {
    world = await makeWorld('sqlite');
  });
  after(() => world.close());

  it('a mail becomes a file that only the owner can read, and the log names the file and nothing of what is in it', async () => {
    const path = '/invitations/q3mGd0Yw1b2J7o4nXvT5u9KxAeZr8LcPsHf6EiQaWtM';
    const link = `${BASE_URL}${path}`;
    await queueMail(world.context(), {
      event: 'invitation',
      to: { ...uma, name: 'Zoë' },
      tenant: world.tenant,
      variables: { invitationLink: path, validFor: '7 days', by: 'Adam Arslan', shortName: 'acme' },
    });
    const { id } = await OutboxMessage.findOne({ rejectOnEmpty: true });
    assert.equal(await deliverDue(world.services, createMailer(world.config, world.services.log)), 1);

    const folder = join(world.dataDir, 'mail');
    const [name, ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    assert.match(name!, new RegExp(`^\\d{8}T\\d{6}Z-invitation-${id}\\.eml$`));
    assert.equal(statSync(join(folder, name!)).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o777, 0o700);

    const source = readFileSync(join(folder, name!));
    assert.doesNotMatch(source.toString('latin1'), /[^\r]\n/, 'lines end as RFC 5322 says');
    const parsed = await PostalMime.parse(source);
    assert.equal(parsed.to?.[0]?.address, 'uma@acme.example');
    assert.ok(parsed.text?.includes(link) && parsed.html?.includes(link) && parsed.text.includes('Zoë'));

    const log = world.logLines.join('');
    assert.ok(log.includes(name!));
    assert.doesNotMatch(log, /q3mG|uma@|Zoë/);
  });

  it('what is not one bare address is refused for good, before anything is written', async () => {
    const mailer = createMailer(world.config, world.services.log);
    const before = readdirSync(join(world.dataDir, 'mail')).length;
    for (const to of [
      'a@x.example, b@x.example',
      'a@x.example\r\nBcc: b@x.example',
      'B <b@x.example>',
      'a@b@x.example',
      'a',
      '',
    ]) {
      await assert.rejects(mailer.send({ ...mail, to }), Undeliverable, to);
    }
    assert.equal(readdirSync(join(world.dataDir, 'mail')).length, before);
  });

  it('no name of an event leads out of the folder', async () => {
    await createMailer(world.config, world.services.log).send({ ...mail, event: '../../x', id: 'a/b' });
    assert.ok(readdirSync(join(world.dataDir, 'mail')).some((name) => name.endsWith('-______x-a_b.eml')));
  });
});

describe('the mailer', () => {
  it('never reads a file or an address, whatever it is handed', async () => {
    const office = await openPostOffice();
    const world = await makeWorld('sqlite', { SMTP_URL: office.url });
    const secret = join(world.dataDir, 'secret.txt');
    mkdirSync(world.dataDir, { recursive: true });
    writeFileSync(secret, 'the secret');
    const mailer = createMailer(world.config, world.services.log);
    try {
      await assert.rejects(mailer.send({ ...mail, text: { path: secret } as never }), /access/i);
      await assert.rejects(mailer.send({ ...mail, html: { href: 'http://127.0.0.1:1/' } as never }), /access/i);
      assert.equal(office.received.length, 0);
    } finally {
      mailer.close();
      await world.close();
      await office.close();
    }
  });

  it('carries headers that are given, each on its own line', async () => {
    const office = await openPostOffice();
    const world = await makeWorld('sqlite', { SMTP_URL: office.url });
    const mailer = createMailer(world.config, world.services.log);
    try {
      await mailer.send({ ...mail, subject: 'One\r\nX-Evil: 1', headers: { 'X-Test': 'a\r\nX-Evil: 2' } });
      const [{ mail: got }] = office.received as [(typeof office.received)[0]];
      assert.equal(
        got.headers.find(({ key }) => key === 'x-evil'),
        undefined,
      );
      assert.equal(got.headers.find(({ key }) => key === 'x-test')?.value, 'a X-Evil: 2');
    } finally {
      mailer.close();
      await world.close();
      await office.close();
    }
  });
});

describe('the reason in the mail log', () => {
  const text = (message: string, smtpUrl: string | null = null): string => errorText(new Error(message), { smtpUrl });

  it('has no address, link, token or sign-in in it, and is one line of at most 500 characters', () => {
    assert.equal(
      text('550 <uma.ndiaye+x@acme.example>: Üser uma@ünï.example unknown'),
      '550 <(address)>: Üser (address) unknown',
    );
    assert.equal(
      text('rejected https://portal.acme.example/password/reset/abc?x=1 now\r\nsee'),
      'rejected (link) now see',
    );
    assert.equal(text('token q3mGd0Yw1b2J7o4nXvT5u9KxAeZr8LcPsHf6EiQaWtM bad'), 'token (token) bad');
    assert.equal(
      text('AUTH PLAIN mailer p@ss/word failed', 'smtp://mailer:p%40ss%2Fword@mail.example'),
      'AUTH PLAIN (secret) (secret) failed',
    );
    assert.equal(text(Buffer.from('p@ss/word').toString('base64'), 'smtp://m:p%40ss%2Fword@mail.example'), '(secret)');
    assert.equal(text('x '.repeat(5000)).length, 500);
    assert.equal(errorText('no error at all', { smtpUrl: null }), 'The mail could not be sent.');
  });

  it('takes no time over a very long answer, and leaves no half of a token at its end', () => {
    const took = processorTime(() => {
      for (const message of ['a'.repeat(200_000), 'a@'.repeat(100_000), `${'ab '.repeat(1320)}${'Q'.repeat(43)} x`]) {
        assert.doesNotMatch(text(message), /Q|a{32}/);
      }
    });
    assert.ok(took < 5000, 'Its time grows with the length, not with its square.');
  });
});
