import { resolve } from 'node:path';
import type { SecretKey } from '#server/lib/keyring.js';
import { ENCODED, isServiceUrl } from '#server/lib/service-url.js';
import { refusedDataFolder } from './data-folder.js';
import { dotEnv } from './dot-env.js';
import { misspelt } from './misspelt.js';
import { readSecretKeys, type Say } from './secret-keys.js';
import { readTrustProxy } from './trust-proxy.js';

export interface Config {
  readonly env: 'production' | 'development' | 'test';
  readonly port: number;
  readonly host: string;
  readonly baseUrl: string;
  readonly https: boolean;
  readonly baseDomain: string | null;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  /** The first is current, the others are retired. */
  readonly secretKeys: readonly SecretKey[];
  /** Null when the keys came in a variable. */
  readonly secretKeyFile: string | null;
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  readonly trustProxy: false | number | readonly string[];
  readonly logLevel: string;
  readonly metricsToken: string | null;
  readonly workers: number;
  /** Names that are no setting and look like one, each in a sentence. */
  readonly misspelt: readonly string[];
  /** argon2id: memory in KiB, passes, lanes. */
  readonly passwordHash: { readonly memoryCost: number; readonly timeCost: number; readonly parallelism: number };
}

/** Every setting that is wrong, each with its variable and the reason. */
export class BadSettings extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Gatehouse cannot start with these settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'BadSettings';
    this.problems = problems;
  }
}

type Environment = Record<string, string | undefined>;

/** Adds what stands in a `.env` file of the working folder; what is already set wins. Gives what is set then. */
export function readDotEnv(): Environment {
  const read = dotEnv('.env');
  if (typeof read === 'string') throw new BadSettings([`.env: ${read}`]);
  return Object.assign(process.env, { ...read, ...process.env });
}

/**
 * Reads every setting, or throws `BadSettings` that names all that are wrong. Where no secret key is given and none was
 * made before, makes `DATA_DIR` and one in it; or leaves both alone, and there are no keys.
 */
export function loadConfig(env: Environment = process.env, missing: 'make' | 'leave' = 'make'): Config {
  const problems: string[] = [];
  const say = (name: string, why: string): void => void problems.push(`${name}: ${why}`);
  const asked = new Set<string>();
  const text = (name: string, fallback = ''): string => {
    asked.add(name);
    return (env[name] ?? '').trim() || fallback;
  };
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const given = text(name, String(fallback));
    const number = Number(given);
    if (/^\d+$/.test(given) && number >= min && number <= max) return number;
    say(name, `must be a whole number from ${min} to ${max}, not "${given}".`);
    return fallback;
  };
  const oneOf = <T extends string>(name: string, fallback: T, allowed: readonly T[]): T => {
    const given = text(name, fallback);
    if ((allowed as readonly string[]).includes(given)) return given as T;
    say(name, `must be one of ${allowed.join(', ')}, not "${given}".`);
    return fallback;
  };

  const nodeEnv = oneOf('NODE_ENV', 'production', ['production', 'development', 'test'] as const);
  const port = whole('PORT', 3000, 0, 65535);
  const allowHttp = oneOf('ALLOW_HTTP', '0', ['0', '1'] as const) === '1';
  const baseUrl = readBaseUrl(text('BASE_URL', `http://localhost:${port}`), allowHttp, say);
  const databaseUrl = text('DATABASE_URL') || null;
  if (databaseUrl !== null && !isServiceUrl(databaseUrl, /^postgres(ql)?:\/\/./)) {
    say(
      'DATABASE_URL',
      `must be like postgres://user:password@host:5432/database, with ${ENCODED} (leave it empty for the embedded SQLite database).`,
    );
  }
  const smtpUrl = text('SMTP_URL') || null;
  if (smtpUrl !== null && !isServiceUrl(smtpUrl, /^smtps?:\/\/./)) {
    say('SMTP_URL', `must be like smtp://user:password@mail.example:587 or smtps://mail.example, with ${ENCODED}.`);
  }
  const baseDomain = text('BASE_DOMAIN').toLowerCase() || null;
  // No name ends in a number: an address does.
  if (baseDomain !== null && !/^(?!.*\.\.)(?!.*\.\d+$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(baseDomain))
    say('BASE_DOMAIN', 'must be a bare domain such as portal.example, without a scheme or a port.');
  const metricsToken = text('METRICS_TOKEN') || null;
  // As it can be sent in a header.
  if (metricsToken !== null && !/^[\x21-\x7e]{16,}$/.test(metricsToken))
    say('METRICS_TOKEN', 'must have at least 16 characters, all of them ASCII, and no space.');
  const mailFrom = text('MAIL_FROM', 'Gatehouse <gatehouse@localhost>');
  if (!/^[^\r\n]*[^\s<>]+@[^\s<>]+>?$/.test(mailFrom))
    say('MAIL_FROM', 'must be an address such as Gatehouse <gatehouse@example.com>.');
  const dataDir = resolve(text('DATA_DIR', './data'));
  const workers = whole('WORKERS', 1, 1, 64);
  if (workers > 1 && databaseUrl === null)
    say('WORKERS', 'must be 1 with the embedded SQLite database. For more processes, set DATABASE_URL.');

  const trustProxy = readTrustProxy(text('TRUST_PROXY'), say);
  // Gatehouse itself speaks http: where people use https, something in front of it does.
  const https = baseUrl.startsWith('https:');
  if (https && trustProxy === false)
    say(
      'TRUST_PROXY',
      `must name the proxy in front, as BASE_URL is ${baseUrl}: its addresses, or 1 for one proxy. Without it everybody would count as one address.`,
    );

  const config = {
    env: nodeEnv,
    port,
    host: text('HOST', '127.0.0.1'),
    baseUrl,
    https,
    baseDomain,
    dataDir,
    databaseUrl,
    smtpUrl,
    mailFrom,
    trustProxy,
    logLevel: oneOf('LOG_LEVEL', 'info', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const),
    metricsToken,
    workers,
    passwordHash: { memoryCost: 65536, timeCost: 3, parallelism: 1 },
  };
  const given = { current: text('SECRET_KEY'), retired: text('SECRET_KEYS_RETIRED'), file: text('SECRET_KEY_FILE') };
  const inside = { database: databaseUrl === null, keys: !given.current && !given.file, mails: smtpUrl === null };
  // With a wrong setting nothing is made yet: it may be DATA_DIR itself that is wrong.
  const refused = problems.length > 0 ? null : refusedDataFolder(text('DATA_DIR'), dataDir, inside, missing);
  if (refused !== null) say('DATA_DIR', refused);
  const keys = problems.length > 0 ? null : readSecretKeys(given, dataDir, nodeEnv, missing, say);
  if (keys === null || problems.length > 0) throw new BadSettings(problems);
  return Object.freeze({ ...config, ...keys, misspelt: misspelt(Object.keys(env), asked) });
}

function readBaseUrl(given: string, allowHttp: boolean, say: Say): string {
  if (!URL.canParse(given)) {
    say('BASE_URL', `must be an address such as https://portal.example.com, not "${given}".`);
    return given;
  }
  const url = new URL(given);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') say('BASE_URL', 'must begin with https:// or http://.');
  if (url.pathname !== '/' || url.search || url.hash || url.username || url.password)
    say('BASE_URL', 'must have no path, query or user name.');
  if (url.port === '0') say('BASE_URL', 'must name a port that can be connected to, and not 0.');
  if (url.hostname.endsWith('.')) say('BASE_URL', 'must have no dot at the end of its name.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowHttp) {
    say('BASE_URL', 'must be https, because passwords travel over it. On a network you trust, set ALLOW_HTTP=1.');
  }
  return url.origin;
}

/** The names of this very machine: the only ones that may go without https. */
export const isLoopback = (hostname: string): boolean =>
  ['localhost', '[::1]', '::1'].includes(hostname) || /^127(\.\d{1,3}){3}$/.test(hostname);
