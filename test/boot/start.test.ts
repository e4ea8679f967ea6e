import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyInstallation, type Installation } from '../support/installation.js';
import { PASSWORD } from '../support/portal.js';
import { finished, startProgram, startServer, type RunningServer } from '../support/process.js';
import { until } from '../support/until.js';
import { Visitor } from '../support/visitor.js';

const FIRST = {
  organization: 'Initech', slug: 'initech', name: 'Ines Ito', username: 'ines', email: 'ines@initech.example',
  newPassword: PASSWORD, confirmPassword: PASSWORD,
}; // prettier-ignore

// What its log says so far.
function linesOf(server: RunningServer): string[] {
  return server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'));
}

describe('Gatehouse, started for the first time', () => {
  let here: Installation;
  let server: RunningServer;
  let link: string;
  let ines: Visitor;
  before(async () => {
    here = await emptyInstallation();
    server = await startServer(here.folder, { ...here.settings, SMTP_URI: 'smtp://mail.example' });
  });
  after(() => {
    server.child.kill('SIGKILL');
    here.remove();
  });

  it('makes a folder, a key and a database that are its owner’s alone', () => {
    const modeOf = (file: string): number => statSync(file).mode & 0o777;
    assert.equal(modeOf(here.dataDir), 0o700);
    assert.equal(modeOf(join(here.dataDir, 'secret.key')), 0o600);
    if (here.settings['DATABASE_URL'] === '') assert.equal(modeOf(join(here.dataDir, 'gatehouse.sqlite')), 0o600);
  });

  it('prints the set-up link, and beside it nothing but lines of JSON', async () => {
    // Lines of the log are written together, a moment later, and a pipe is slower than the port.
    await until(() => linesOf(server).length >= 2 && /\/setup\/\S+\s/.test(server.output()));
    const links = [...server.output().matchAll(/http:\/\/localhost:\d+(\/setup\/\S+)/g)];
    assert.equal(links.length, 1);
    link = links[0]?.[1] ?? '';
    const lines = linesOf(server);
    for (const line of lines) assert.equal(typeof (JSON.parse(line) as { msg: unknown }).msg, 'string');
    assert.doesNotMatch(lines.join('\n'), /\/setup\/\w/);
  });

  it('names what is set in vain, as a name is misspelt', async () => {
    await until(() => linesOf(server).some((line) => line.includes('SMTP_URI is set')));
    const lines = linesOf(server).filter((line) => line.includes('SMTP_URI'));
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /"level":"?(?:40|warn)"?,.*Is SMTP_URL meant\?/);
  });

  it('says that it lives and that it is ready', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await fetch(server.url + path);
      assert.deepEqual([answer.status, await answer.json()], [200, { status: 'ok' }]);
    }
  });

  it('is refused in one line when it is started twice, and the link of the first stays good', async () => {
    const { port } = new URL(server.url);
    const second = await finished(startProgram('server/main.ts', [], here.folder, { ...here.settings, PORT: port }));
    assert.equal(second.code, 1);
    assert.match(second.stderr, /^Cannot listen on 127\.0\.0\.1:\d+ \(HOST, PORT\): [^\n]*EADDRINUSE[^\n]*\n$/);
    assert.equal(second.stdout.includes('/setup/'), false);
    assert.equal((await new Visitor(server.url).get(link)).status, 200);
  });

  it('prints a link that can be used, on whatever free port it was given', async () => {
    const folder = await emptyInstallation();
    const { BASE_URL: _unset, ...settings } = folder.settings;
    const child = startProgram('server/main.ts', [], folder.folder, { ...settings, PORT: '0' });
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => (printed += String(chunk)));
    try {
      await until(() => /\/setup\/\S+\s/.test(printed));
      const [found = ''] = /http:\/\/localhost:\d+\/setup\/\S+/.exec(printed) ?? [];
      assert.equal(
        (await fetch(found.replace('localhost', '127.0.0.1'), { headers: { Host: new URL(found).host } })).status,
        200,
      );
    } finally {
      child.kill('SIGKILL');
      folder.remove();
    }
  });

  it('is set up by its link, once', async () => {
    const another = new Visitor(server.url);
    const page = await another.get(link);
    ines = new Visitor(server.url);
    assert.equal((await ines.submit(link, FIRST)).status, 303);
    assert.equal((await another.post(link, { ...FIRST, _csrf: page.csrf })).status, 404);
    assert.equal((await another.get(link)).status, 404);
    assert.equal(
      (await ines.submit('/login', { organization: 'initech', username: 'ines', password: PASSWORD })).status,
      303,
    );
    assert.equal((await ines.get('/security')).status, 200);
  });

  it('starts again without a link, and whoever was signed in still is', async () => {
    assert.equal(await server.stop(), 0);
    server = await startServer(here.folder, here.settings);
    assert.doesNotMatch(server.output(), /setup/);
    assert.equal((await ines.at(server.url).get('/security')).status, 200);
    assert.equal(await server.stop(), 0);
    assert.equal(server.errors(), '', 'Nothing is warned of.');
  });
});

describe('Gatehouse, started with settings that are wrong', () => {
  let here: Installation;
  before(async () => {
    here = await emptyInstallation();
  });
  after(() => here.remove());

  it('names each with its reason, makes nothing, and ends with 1', async () => {
    const wrong = {
      DATA_DIR: here.dataDir,
      PORT: 'many',
      BASE_URL: 'http://portal.example',
      WORKERS: '2',
      LOG_LEVEL: 'loud',
    };
    const { code, stdout, stderr } = await finished(startProgram('server/main.ts', [], here.folder, wrong));
    assert.equal(code, 1);
    assert.equal(stdout, '');
    const [, ...lines] = stderr.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => /^ {2}([A-Z_]+): ./.exec(line)?.[1]),
      ['PORT', 'BASE_URL', 'WORKERS', 'LOG_LEVEL'],
    );
    assert.throws(() => statSync(here.dataDir), /ENOENT/);
  });

  it('reads them from .env, where a set variable wins', async () => {
    writeFileSync(join(here.folder, '.env'), 'PORT=many\nLOG_LEVEL=loud\n');
    const { code, stderr } = await finished(
      startProgram('server/main.ts', [], here.folder, { DATA_DIR: here.dataDir, LOG_LEVEL: 'info' }),
    );
    assert.equal(code, 1);
    assert.match(stderr, /PORT: /);
    assert.doesNotMatch(stderr, /LOG_LEVEL/);
  });

  it('says which database cannot be opened', async () => {
    rmSync(join(here.folder, '.env'));
    mkdirSync(join(here.folder, 'taken'));
    writeFileSync(join(here.folder, 'taken', 'gatehouse.sqlite'), 'This is no database.'.repeat(100));
    const cases = [
      { DATA_DIR: join(here.folder, 'taken') },
      { DATA_DIR: here.dataDir, DATABASE_URL: 'postgres://somebody:very-secret@127.0.0.1:9/none' },
    ];
    for (const settings of cases) {
      const { code, stdout, stderr } = await finished(
        startProgram('server/main.ts', [], here.folder, { PORT: '0', ...settings }),
      );
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^The database (in DATA_DIR|that DATABASE_URL names)[^\n]* cannot be opened: [^\n]+\n$/);
      assert.doesNotMatch(stderr, /very-secret/);
    }
  });
});
