import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisesBehind } from './behind-proxy.js';
import { describeUnless, exampleWith, missing, pathTo, startUntilListening } from './programs.js';

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
    writeFileSync(join(folder, 'site.conf'), site);
    writeFileSync(join(folder, 'nginx.conf'), surroundings(folder));
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
    return startUntilListening(pathTo('nginx') ?? '', args, proxy);
  });
});

// What a distribution brings with nginx: here one process, all of whose files are in the folder of the test.
function surroundings(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n  ');
  return `
${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
daemon off;
master_process off;
error_log stderr;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  ${temporary}
  include ${folder}/site.conf;
}
`;
}
