import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisesBehind } from './behind-proxy.js';
import { describeUnless, exampleWith, missing, pathTo, startUntilListening } from './programs.js';

describeUnless(missing('caddy'))('Forward-auth behind Caddy, set up by docs/examples/Caddyfile', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-caddy-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  promisesBehind(async ({ portal, application, proxy }) => {
    const site = exampleWith('Caddyfile', {
      '127.0.0.1:3000': `127.0.0.1:${portal}`,
      '127.0.0.1:8080': `127.0.0.1:${application}`,
      'portal.example {': `http://localhost:${proxy} {\n\tbind 127.0.0.1`,
    });
    const file = join(folder, 'Caddyfile');
    writeFileSync(file, `{\n\tadmin off\n}\n${site}`);
    const home = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    return startUntilListening(pathTo('caddy') ?? '', ['run', '--adapter', 'caddyfile', '--config', file], proxy, home);
  });
});
