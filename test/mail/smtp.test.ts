import assert from 'node:assert/strict';
import { OutboxMessage } from '#models/outbox-message.js';
import { deliverDue } from '#server/mail/delivery.js';
import { createMailer } from '#server/mail/mailer.js';
import { queueMail } from '#server/mail/outbox.js';
import { openPostOffice } from './post-office.js';
import { DISAVOWAL, makeWorld, uma } from './support.js';

describe('the SMTP server', () => {
  it('is signed in to only over TLS, unless it is on this machine or the setting says so', async () => {
    const signedIn: string[] = [];
    const office = await openPostOffice({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username = '', password }, _session, done) {
        signedIn.push(`${username}:${String(password)}`);
        done(null, { user: username });
      },
    });
    const { port } = new URL(office.url);
    const world = await makeWorld('sqlite');
    const send = async (SMTP_URL: string): Promise<void> => {
      const mailer = createMailer({ ...world.config, smtpUrl: SMTP_URL }, world.services.log);
      try {
        await mailer.send({
          id: 'a',
          event: 'invitation',
          from: 'gatehouse@acme.example',
          to: 'uma@acme.example',
          subject: 'x',
          text: 'x',
          html: 'x',
        });
      } finally {
        mailer.close();
      }
    };
    try {
      // 0.0.0.0 leads to this machine too, but is not known as such.
      await assert.rejects(send(`smtp://mailer:pass%20word@0.0.0.0:${port}`));
      assert.deepEqual(signedIn, []);
      await send(`smtp://mailer:pass%20word@0.0.0.0:${port}?requireTLS=false`);
      await send(`smtp://mailer:pass%20word@127.0.0.1:${port}`);
      assert.deepEqual(signedIn, ['mailer:pass word', 'mailer:pass word']);
    } finally {
      await world.close();
      await office.close();
    }
  });

  it('is given no mail in the clear either where it wants no user name, unless the setting says so', async () => {
    const office = await openPostOffice({ authOptional: true });
    const { port } = new URL(office.url);
    const world = await makeWorld('sqlite');
    const send = async (smtpUrl: string): Promise<void> => {
      const mailer = createMailer({ ...world.config, smtpUrl }, world.services.log);
      const words = { subject: 'x', text: 'x', html: 'x', event: 'invitation' };
      await mailer
        .send({ id: 'a', from: 'gatehouse@acme.example', to: 'uma@acme.example', ...words })
        .finally(() => mailer.close());
    };
    try {
      await assert.rejects(send(`smtp://0.0.0.0:${port}`), /TLS/);
      await send(`smtp://0.0.0.0:${port}?requireTLS=false`);
      await send(`smtp://127.0.0.1:${port}`);
    } finally {
      await world.close();
      await office.close();
    }
  });

  it('that refuses our sign-in loses no mail and learns no secret into the log', async () => {
    const office = await openPostOffice({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username = '', password }, _session, done) =>
        done(Object.assign(new Error(`wrong password ${String(password)} for ${username}`), { responseCode: 535 })),
    });
    const url = office.url.replace('//', '//mailer:hunter%2Ftwo@');
    const world = await makeWorld('sqlite', { SMTP_URL: url });
    const mailer = createMailer(world.config, world.services.log);
    try {
      await queueMail(world.context(), { event: 'new-sign-in', to: uma, tenant: world.tenant, variables: DISAVOWAL });
      await deliverDue(world.services, mailer);
      const message = await OutboxMessage.findOne({ rejectOnEmpty: true });
      assert.equal(message.state, 'queued');
      assert.match(message.lastError ?? '', /535 wrong password \(secret\) for \(secret\)/);
      assert.doesNotMatch(world.logLines.join(''), /hunter/);
    } finally {
      mailer.close();
      await world.close();
      await office.close();
    }
  });

  it('that is not there costs a try, not the mail', async () => {
    const office = await openPostOffice();
    await office.close();
    const world = await makeWorld('sqlite', { SMTP_URL: office.url });
    const mailer = createMailer(world.config, world.services.log);
    try {
      await queueMail(world.context(), { event: 'new-sign-in', to: uma, tenant: world.tenant, variables: DISAVOWAL });
      assert.equal(await deliverDue(world.services, mailer), 0);
      assert.deepEqual(
        (await OutboxMessage.findAll()).map(({ state, tries }) => [state, tries]),
        [['queued', 1]],
      );
    } finally {
      mailer.close();
      await world.close();
    }
  });
});
