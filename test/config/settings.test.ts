import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { BadSettings, loadConfig, type Config } from '#server/config.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

const KEY = 'q1qAVOEmUIpJIHjkwjkjrn81DeMK6AUizKKxuV3xfEs=';
const OTHER = '86f3e7b16c7b77f4dd36ebf80e24b9dc34f4b6c3a9a7f9f6f9ed0d2f5f1d6ec2';

describe('The settings', () => {
  let folder: string;
  let dataDir: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
    dataDir = join(folder, 'data');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const load = (settings: Record<string, string> = {}): Config => loadConfig({ DATA_DIR: dataDir, ...settings });
  const wrong = (settings: Record<string, string>): readonly string[] => {
    try {
      load(settings);
    } catch (error) {
      if (error instanceof BadSettings) return error.problems;
      throw error;
    }
    return [];
  };

  it('stand in .env.example, each with what holds when it is not set', () => {
    const example = readFileSync(join(PROJECT_ROOT, '.env.example'), 'utf8');
    const shown = parseEnv(example.replace(/^# (?=[A-Z_]+=)/gm, ''));
    const read = new Set<string>();
    const watched = new Proxy(
      {},
      {
        get: (_target, name) => {
          read.add(String(name));
          return name === 'DATA_DIR' ? dataDir : undefined;
        },
      },
    );
    const unset = loadConfig(watched);
    assert.deepEqual(Object.keys(shown).sort(), [...read].sort());
    assert.deepEqual(loadConfig({ ...shown, DATA_DIR: dataDir }), unset);
    const [, ...blocks] = example.trimEnd().split('\n\n');
    // What each is for stands above it.
    for (const block of blocks) assert.match(block, /^(# (?![A-Z_]+=).+\n)+(# [A-Z_]+=.*\n?)+$/);
  });

  it('are those of a trial on this machine when nothing is set', () => {
    const { env, port, host, baseUrl, https, databaseUrl, smtpUrl, trustProxy, workers, passwordHash } = load();
    assert.deepEqual(
      { env, port, host, baseUrl, https, databaseUrl, smtpUrl, trustProxy, workers },
      {
        env: 'production',
        port: 3000,
        host: '127.0.0.1',
        baseUrl: 'http://localhost:3000',
        https: false,
        databaseUrl: null,
        smtpUrl: null,
        trustProxy: false,
        workers: 1,
      },
    );
    assert.deepEqual(passwordHash, { memoryCost: 65536, timeCost: 3, parallelism: 1 });
    assert.equal(load({ PORT: '4100' }).baseUrl, 'http://localhost:4100');
  });

  it('are told of where a name that is set is none, and looks like one', () => {
    for (const [name, meant] of [
      ['SMTP_URI', 'SMTP_URL'],
      ['DATABSE_URL', 'DATABASE_URL'],
      ['BASEURL', 'BASE_URL'],
      ['base_url', 'BASE_URL'],
      ['BASE_DOMIAN', 'BASE_DOMAIN'],
      ['SECRET_KEY_RETIRED', 'SECRET_KEYS_RETIRED'],
      ['TRUSTED_PROXY', 'TRUST_PROXY'],
      ['PORTS', 'PORT'],
    ] as const)
      assert.deepEqual(
        load({ [name]: 'x' }).misspelt,
        [`${name} is set, and is no setting of Gatehouse. Is ${meant} meant?`],
        name,
      );
    const others = ['HOME', 'PWD', 'PATH', 'POSTGRES_PASSWORD', 'HOSTNAME', 'COMPOSE_PROJECT_NAME', 'NODE_OPTIONS'];
    assert.deepEqual(load(Object.fromEntries(others.map((name) => [name, 'x']))).misspelt, []);
  });

  it('are refused with the variable and the reason, all of them at once', () => {
    const inFile = join(folder, 'a-file');
    writeFileSync(inFile, '');
    const cases: Record<string, readonly string[]> = {
      PORT: ['-1', '65536', '80.5', '0x50', 'http'],
      WORKERS: ['0', '65', 'all', '2'],
      LOG_LEVEL: ['loud'],
      NODE_ENV: ['prod'],
      BASE_URL: [
        'portal.example',
        'ftp://portal.example',
        'https://portal.example/path',
        'https://user@portal.example',
        'https://portal.example?x',
        'https://:word@portal.example',
        'https://portal.example.',
        'http://portal.example',
        'http://localhost:0',
      ],
      ALLOW_HTTP: ['yes', 'true', '2'],
      BASE_DOMAIN: ['https://portal.example', '.portal.example', 'portal.example:3000', 'portal..example', '127.0.0.1'],
      DATABASE_URL: [
        'mysql://db',
        'data.sqlite',
        'postgres://',
        'postgres://a b:c',
        'postgres://me:p@ss#w@db/gatehouse',
        'postgres://me:100%sure@db/gatehouse',
        'postgres://me:a/b@db/gatehouse',
        'postgres://me:12/b@db/gatehouse',
        'postgres://me:12?b@db/gatehouse',
        'postgres://me:12#b@db/gatehouse',
        'postgres://me:%ff@db/gatehouse',
        'postgres://me:word@db/%',
        'postgres://me:word@one,two/gatehouse',
        'postgres://me@%2Fvar%2Frun/gatehouse',
        'postgres:///gatehouse',
        '"postgres://me:word@db/gatehouse"',
      ],
      SMTP_URL: [
        'mail.example',
        'http://mail.example',
        'smtp://',
        'smtp://me:p#s@mail.example',
        'smtp://me:12#s@mail.example',
        'smtp://me:12/s@mail.example',
        'smtp://me:12?s@mail.example',
        'smtp://me:100%sure@mail.example',
        'smtp://me:%ff@mail.example',
      ],
      MAIL_FROM: ['nobody', 'Gatehouse', 'a@b\r\nBcc: c@d'],
      METRICS_TOKEN: ['short', 'with some spaces in it', 'a-tökén-that-no-header-holds'],
      TRUST_PROXY: ['yes', '10.0.0.0/33', '1000', 'localhost', '0.0.0.0/0', '::/0', '10.0.0.0/8, ::/00'],
      SECRET_KEY: [
        'secret',
        Buffer.alloc(31, 7).toString('base64'),
        Buffer.alloc(32, 7).toString('base64'),
        'thirty-two-letters-typed-by-hand'.repeat(2).slice(0, 43),
        Buffer.from('Correct horse battery staple 42!').toString('base64'),
        Buffer.from('thirty-two letters typed by hand').toString('hex'),
        'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq',
        '0123456789abcdef'.repeat(4),
        Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('base64'),
        `${KEY},short`,
        `k1:${KEY},k1:${OTHER}`,
      ],
      SECRET_KEYS_RETIRED: [KEY],
      SECRET_KEY_FILE: ['/nowhere/at/all', tmpdir(), '/dev/null'],
      DATA_DIR: ['~/data', '~', inFile, join(inFile, 'below'), join(tmpdir(), 'a'.repeat(300)), '/proc/nothing'],
    };
    for (const [name, values] of Object.entries(cases)) {
      for (const value of values)
        assert.match(
          wrong({ [name]: value })[0] ?? `${name}=${value} was taken`,
          new RegExp(`^${name}: \\S.* .*\\.?$`),
        );
      if (name === 'DATABASE_URL')
        for (const value of values)
          assert.doesNotMatch(wrong({ [name]: value }).join(), /p@ss#w|100%sure|[a2][/?#][bs]@/);
    }
    assert.equal(wrong({ PORT: 'x', WORKERS: 'x', LOG_LEVEL: 'x' }).length, 3);
  });

  it('take http only for this machine, or where somebody allows it', () => {
    for (const own of ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:8080'])
      assert.equal(load({ BASE_URL: own }).https, false);
    assert.equal(load({ BASE_URL: 'http://portal.example', ALLOW_HTTP: '1' }).https, false);
    assert.deepEqual(wrong({ BASE_URL: 'http://localhost.portal.example' }).length, 1);
    assert.equal(load({ BASE_URL: 'https://portal.example/', TRUST_PROXY: '1' }).baseUrl, 'https://portal.example');
  });

  it('trust no proxy, a number of them, or their addresses', () => {
    const trusted = (given: string): Config['trustProxy'] => load({ TRUST_PROXY: given }).trustProxy;
    for (const off of ['', 'off', 'OFF', '0', 'false']) assert.equal(trusted(off), false);
    assert.equal(trusted('2'), 2);
    for (const off of [undefined, 'off', '0'])
      assert.match(
        wrong({ BASE_URL: 'https://portal.example', ...(off === undefined ? {} : { TRUST_PROXY: off }) }).join(),
        /^TRUST_PROXY: must name the proxy in front, .*, or 1 /,
      );
    assert.deepEqual(trusted('Loopback, 10.0.0.0/8, 2001:db8::/32'), ['loopback', '10.0.0.0/8', '2001:db8::/32']);
  });

  it('make a secret key once, which only its owner can read, and keep it', () => {
    const first = load();
    const file = join(dataDir, 'secret.key');
    assert.equal(first.secretKeyFile, file);
    assert.deepEqual([statSync(dataDir).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600]);
    assert.deepEqual(load().secretKeys, first.secretKeys);
    assert.equal(first.secretKeys[0]?.bytes.length, 32);
    assert.deepEqual(readdirSync(dataDir), ['secret.key']);
  });

  it('make nothing when one of them is wrong, or when they are only looked at', () => {
    assert.equal(wrong({ PORT: 'x' }).length, 1);
    assert.deepEqual(loadConfig({ DATA_DIR: dataDir }, 'leave').secretKeys, []);
    assert.equal(existsSync(dataDir), false);
  });

  it('take every key that was made at random', () => {
    for (let made = 0; made < 2000; made += 1)
      for (const spelling of ['base64', 'hex'] as const)
        assert.deepEqual(wrong({ SECRET_KEY: randomBytes(32).toString(spelling) }), []);
  });

  it('take secret keys from the environment or a file, newest first, by name', () => {
    const keys = load({ SECRET_KEY: `new:${OTHER},${KEY}` });
    assert.deepEqual(
      keys.secretKeys.map(({ id }) => id),
      ['new', 'k1'],
    );
    assert.equal(keys.secretKeys[0]?.bytes.toString('hex'), OTHER);
    assert.deepEqual(load({ SECRET_KEY: `new:${OTHER}`, SECRET_KEYS_RETIRED: KEY }).secretKeys, keys.secretKeys);
    assert.equal(keys.secretKeyFile, null);
    assert.deepEqual(readdirSync(dataDir), []);
    const file = join(folder, 'keys');
    writeFileSync(file, `k2:${OTHER}\nk1:${KEY}\n`);
    assert.deepEqual(
      load({ SECRET_KEY_FILE: file }).secretKeys.map(({ id }) => id),
      ['k2', 'k1'],
    );
  });
});
