import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisesBehind } from './behind-proxy.js';
import { startNginx } from './nginx.js';
import { describeUnless, exampleWith, missing } from './programs.js';

describeUnless(missing('nginx'))('Forward-auth behind nginx, set up by docs/examples/nginx.conf', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-nginx-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  promisesBehind(async ({ portal, application, proxy }) => {
    const site = exampleWith('nginx.conf', {
      '127.0.0.1:3000': `127.0.0.1:${portal}`,
      '127.0.0.1:8080': `127.0.0.1:${application}`,
      'listen 443 ssl;': `listen 127.0.0.1:${proxy};`,
      'server_name portal.example;': 'server_name localhost;',
      'ssl_certificate /etc/ssl/portal.example.pem;': '',
      'ssl_certificate_key /etc/ssl/portal.example.key;': '',
    });
    return startNginx(folder, site, proxy);
  });
});
