import assert from 'node:assert/strict';
import { OutboxMessage } from '#models/outbox-message.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { MOST_TRIES } from '#server/mail/delivery.js';
import { LINK, mailerThat, makePost, type Post } from './post-office.js';
import { ENGINES } from './support.js';

for (const engine of ENGINES) {
  describe(`a mail that is not taken on ${engine}`, () => {
    let post: Post;
    before(async () => {
      post = await makePost(engine);
    });
    after(() => post.close());
    beforeEach(() => post.clear());

    it('tries again after a minute when the server says not now, and then it arrives', async () => {
      await post.invite();
      post.office.refuse.push({ at: 'RCPT TO', code: 451, text: '4.7.1 Greylisted, try later' });
      assert.equal(await post.deliver(), 0);
      const waiting = await post.only();
      assert.deepEqual([waiting.state, waiting.tries], ['queued', 1]);
      assert.match(waiting.lastError ?? '', /Greylisted/);
      assert.ok(Math.abs(waiting.nextTryAt - post.world.clock.now() - MINUTE) < 5000);
      assert.equal(await post.deliver(), 0, 'not before its time');
      post.world.clock.move(MINUTE + 1000);
      assert.equal(await post.deliver(), 1);
      assert.equal(post.office.received.length, 1);
      const sent = await post.only();
      assert.deepEqual([sent.state, sent.tries, sent.lastError], ['sent', 2, null]);
    });

    it('gives up at once when the server says never, and keeps neither link nor address in the reason', async () => {
      for (const at of ['RCPT TO', 'DATA'] as const) {
        await post.invite();
        post.office.refuse.push({ at, code: 550, text: `5.1.1 <uma@acme.example> unknown; see ${LINK}` });
        await post.deliver();
        const message = await post.only();
        assert.deepEqual([message.state, message.sealedBody, message.tries], ['failed', null, 1], at);
        assert.match(message.lastError ?? '', /550 5\.1\.1 <\(address\)> unknown; see \(link\)/);
        post.world.clock.move(HOUR);
        assert.equal(await post.deliver(), 0);
        await message.destroy();
      }
      assert.equal(post.office.received.length, 0);
    });

    it('keeps a mail when it is our own sender that the server refuses: a setting can be put right', async () => {
      await post.invite();
      post.office.refuse.push({ at: 'MAIL FROM', code: 550, text: 'sender not allowed' });
      await post.deliver();
      assert.equal((await post.only()).state, 'queued');
      post.world.clock.move(MINUTE + 1000);
      assert.equal(await post.deliver(), 1);
    });

    it('waits longer each time, at most four hours, and gives up after twelve tries', async () => {
      await post.invite();
      const waits: number[] = [];
      const broken = mailerThat(() => Promise.reject(new Error('connect ECONNREFUSED')));
      for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
        assert.equal(await post.deliver(broken), 0);
        const message = await post.only();
        assert.equal(message.tries, tries);
        if (message.state !== 'queued') break;
        waits.push(Math.round((message.nextTryAt - post.world.clock.now()) / MINUTE));
        post.world.clock.move(message.nextTryAt - post.world.clock.now() + 1);
      }
      assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]);
      const message = await post.only();
      assert.deepEqual([message.state, message.sealedBody, message.tries], ['failed', null, 12]);
    });

    it('gives up on a mail that took the process down each time', async () => {
      await post.invite();
      await OutboxMessage.update({ tries: MOST_TRIES }, { where: {} });
      let sent = false;
      await post.deliver(
        mailerThat(() => {
          sent = true;
        }),
      );
      assert.equal(sent, false);
      const message = await post.only();
      assert.deepEqual([message.state, message.sealedBody], ['failed', null]);
    });

    it('sends nothing that was changed in the database', async () => {
      await post.invite();
      const { sealedBody } = await post.only();
      const parts = sealedBody!.split('.');
      parts[2] = `${parts[2]![0] === 'A' ? 'B' : 'A'}${parts[2]!.slice(1)}`;
      await OutboxMessage.update({ sealedBody: parts.join('.') }, { where: {} });
      assert.equal(await post.deliver(), 0);
      assert.equal((await post.only()).state, 'queued');
    });
  });
}
