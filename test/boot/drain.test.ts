import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { startServer } from '../support/process.js';

const BODY = 'organization=acme';

describe('Gatehouse, asked to stop', () => {
  let here: Installation;
  before(async () => {
    here = await emptyInstallation();
  });
  after(() => here.remove());

  it('answers what has been asked, lets go of who only waits or never ends, and is gone in ten seconds', async () => {
    const server = await startServer(here.folder, here.settings);
    const { port } = new URL(server.url);
    const open = async (begin: string): Promise<Socket> => {
      const socket = connect(Number(port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(begin);
      // Only what the server has begun to read is under way.
      await once(socket, 'data');
      return socket;
    };
    const half = `POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${BODY.length}\r\nExpect: 100-continue\r\n\r\n`;
    const waiting = await open('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const slow = await open(half);
    const endless = await open(half);
    endless.on('error', () => undefined);

    const began = Date.now();
    const stopped = server.stop();
    await once(waiting, 'close');
    assert.ok(Date.now() - began < 7000);
    slow.write(BODY);
    assert.match(await text(slow), /^HTTP\/1\.1 403 [^]*This request came from another site/);
    assert.equal(await stopped, 0);
    const took = Date.now() - began;
    assert.ok(took > 5000 && took < 20_000, `It took ${took} ms.`);
    assert.match(server.output(), /"msg":"draining"[^]*"msg":"stopped"/);
  });
});
