import assert from 'node:assert/strict';
import { Op } from 'sequelize';
import { OutboxMessage } from '#models/outbox-message.js';
import { HOUR } from '#server/lib/clock.js';
import { ANOTHER_TAB, type Browser, type Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';

const RESET = '/admin/notifications/password-reset';

describe('Samples of a mail', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const send = async (browser: Browser, what: 'test' | 'preview'): Promise<Page> =>
    browser.post(`${RESET}/${what}`, { ...(await browser.open(RESET)).form(RESET), ...ANOTHER_TAB });

  it('are mailed twenty times an hour, and no more; a preview costs nobody a mail', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    for (let times = 1; times <= 20; times += 1) assert.equal((await send(olivia, 'test')).status, 303);
    const refused = await send(olivia, 'test');
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.equal(await OutboxMessage.count({ where: { subject: { [Op.like]: '[Sample]%' } } }), 20);
    assert.equal((await send(olivia, 'preview')).status, 200);
    assert.equal((await send(await portal.signedIn('acme/adam'), 'test')).status, 303, 'one’s own count alone');
    portal.clock.move(HOUR);
    assert.equal((await send(await portal.signedIn('acme/olivia'), 'test')).status, 303);
  });
});
