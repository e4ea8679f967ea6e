import assert from 'node:assert/strict';
import { listeningPortal, type ListeningPortal } from '../support/listening.js';
import { programOf } from '../support/programs.js';
import { addSomebody } from '../support/users.js';
import { beginSlowly, sendWhole, type Begun, type Slow } from '../support/slow-body.js';

const PAGE = '/admin/users/import/preview';
const CALL = '/api/v1/users/import';

// Where a file may be sent, and how each of these sends one: in a browser, or by a program.
type Door = (who: string) => Promise<Slow>;

describe('The places for large bodies', () => {
  let portal: ListeningPortal;
  before(async () => {
    portal = await listeningPortal();
    await addSomebody(portal, 'globex/gus', 'admin');
  });
  after(() => portal.close());

  const browser: Door = async (who) => {
    const { cookies } = await portal.signedIn(who);
    return {
      method: 'post',
      path: PAGE,
      headers: {
        Host: new URL(portal.url).host,
        Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'Content-Type': 'application/x-www-form-urlencoded',
        Origin: portal.url,
        'Sec-Fetch-Site': 'same-origin',
      },
      body: `text=${'x'.repeat(100_000)}`,
    };
  };
  const program: Door = async (who) => {
    const { headers } = await programOf(portal, who, { scopes: ['users:write'] });
    return {
      method: 'post',
      path: CALL,
      headers: { Host: new URL(portal.url).host, ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ csv: 'x'.repeat(100_000) }),
    };
  };

  for (const [name, door] of Object.entries({ browser, program }))
    it(`are not held by one account that sends slowly: by a ${name}`, async () => {
      const [adam, olivia, other] = [await door('acme/adam'), await door('acme/olivia'), await door('globex/gus')];
      const slow: Begun[] = [];
      for (let one = 0; one < 3; one += 1) slow.push(await beginSlowly(portal.server, adam));
      const refused = await sendWhole(portal.server, adam);
      assert.equal(refused.status, 503);
      assert.match(refused.text, /Other files are still on their way\. Wait a moment, and send this one again\./);
      for (const [who, sent] of Object.entries({ olivia, other })) {
        const { status } = await sendWhole(portal.server, sent);
        assert.ok([403, 422].includes(status), `${who}: all of it was read, and looked at: ${status}`);
      }
      for (const one of slow) assert.ok([403, 422].includes((await one.finish()).status));
      assert.notEqual((await sendWhole(portal.server, adam)).status, 503, 'The places are given back.');
    });
});
