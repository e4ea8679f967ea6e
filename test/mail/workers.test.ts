import assert from 'node:assert/strict';
import { isInTransaction } from '#models/transaction.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { MINUTE } from '#server/lib/clock.js';
import { deliverDue } from '#server/mail/delivery.js';
import { Undeliverable } from '#server/mail/mailer.js';
import { queueMail } from '#server/mail/outbox.js';
import { mailerThat, makePost, type Post } from './post-office.js';
import { DISAVOWAL, ENGINES, uma } from './support.js';

for (const engine of ENGINES) {
  describe(`the workers that deliver mail on ${engine}`, () => {
    let post: Post;
    before(async () => {
      post = await makePost(engine);
    });
    after(() => post.close());
    beforeEach(() => post.clear());

    it('sends each mail once, however many workers are at it', async () => {
      for (let at = 0; at < 30; at += 1) await post.invite({ email: `user${at}@acme.example` });
      const counts = await Promise.all(Array.from({ length: 6 }, () => post.deliver()));
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        30,
      );
      const recipients = post.office.received.map(({ to }) => to[0]);
      assert.equal(recipients.length, 30);
      assert.equal(new Set(recipients).size, 30);
      assert.equal(await OutboxMessage.count({ where: { state: 'sent', tries: 1 } }), 30);
    });

    it('sends the mail of a worker that died with it, five minutes later and under the same Message-ID', async () => {
      await post.invite();
      let died: (() => void) | undefined;
      const dying = mailerThat(() => new Promise((_resolve, reject) => (died = () => reject(new Error('dead')))));
      const working = post.deliver(dying);
      while (!died) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(await post.deliver(), 0, 'it is taken');
      post.world.clock.move(4 * MINUTE);
      assert.equal(await post.deliver(), 0, 'it still is');
      post.world.clock.move(MINUTE + 1000);
      assert.equal(await post.deliver(), 1);
      assert.match(post.office.received[0]!.mail.messageId ?? '', new RegExp(`^<${(await post.only()).id}@`));
      // The one that was believed dead comes back: what it says no longer counts.
      died();
      await working;
      const message = await post.only();
      assert.deepEqual([message.state, message.tries, message.lastError], ['sent', 2, null]);
    });

    it('holds no transaction while a mail is on its way: others can write', async () => {
      await post.invite();
      let inside: boolean | undefined;
      await post.deliver(
        mailerThat(async () => {
          if (inside !== undefined) return;
          inside = isInTransaction();
          await post.invite({ email: 'next@acme.example' });
        }),
      );
      assert.equal(inside, false);
      assert.equal(await OutboxMessage.count({ where: { state: 'sent' } }), 2);
    });

    it('goes on with the next mail after one that failed, and lets nobody wait behind invitations', async () => {
      await post.invite({ email: 'first@acme.example' });
      await post.invite({ email: 'second@acme.example' });
      await queueMail(post.world.context(), {
        event: 'new-sign-in',
        to: uma,
        tenant: post.world.tenant,
        variables: DISAVOWAL,
      });
      const sent: string[] = [];
      const picky = mailerThat(({ to }) => {
        sent.push(to);
        if (to.startsWith('first')) throw new Undeliverable('no');
      });
      assert.equal(await post.deliver(picky), 2);
      assert.deepEqual(sent, ['uma@acme.example', 'first@acme.example', 'second@acme.example']);
    });

    it('stops before the next mail when it is told to', async () => {
      await post.invite();
      await post.invite();
      const stopping = new AbortController();
      assert.equal(
        await deliverDue(
          post.world.services,
          mailerThat(() => stopping.abort()),
          stopping.signal,
        ),
        1,
      );
      assert.equal(await OutboxMessage.count({ where: { state: 'queued', tries: 0 } }), 1);
    });
  });
}
