import { existsSync, statSync } from 'node:fs';
import pg from 'pg';
import { sqliteFile } from '#models/database.js';
import { isLoopback, type Config } from '#server/config.js';
import { errorText } from '#server/mail/error-text.js';
import { tryMailServer } from '#server/mail/mailer.js';

export interface Finding {
  state: 'ok' | 'warn' | 'FAIL';
  about: string;
  text: string;
}

/** The address that people use, and the proxy that must stand before an https one: Gatehouse itself speaks http. */
export function* checkAddress({ baseUrl, https, trustProxy, host }: Config): Generator<Finding> {
  const about = 'address';
  if (!https && trustProxy !== false) {
    yield {
      state: 'warn',
      about,
      text: `TRUST_PROXY is set and BASE_URL is ${baseUrl}: without a proxy, anybody can claim any address.`,
    };
  } else if (!https && !isLoopback(new URL(baseUrl).hostname)) {
    yield {
      state: 'warn',
      about,
      text: `BASE_URL is ${baseUrl}: passwords cross the network as plain text (ALLOW_HTTP=1).`,
    };
  } else {
    yield { state: 'ok', about, text: https ? `${baseUrl}, behind a proxy.` : `${baseUrl}, for this machine alone.` };
  }
  if (https && typeof trustProxy === 'number' && !isLoopback(host)) {
    yield {
      state: 'warn',
      about,
      text: `HOST is ${host} and TRUST_PROXY counts proxies: whoever reaches the port past the proxy can claim any address. Name the addresses of the proxy instead.`,
    };
  }
}

/** What must be nobody else's to read. */
export function* checkFiles(config: Config): Generator<Finding> {
  const { dataDir, secretKeyFile } = config;
  if (!existsSync(dataDir)) {
    yield { state: 'warn', about: 'files', text: `${dataDir} is not there yet. The first start makes it.` };
    return;
  }
  const own = [
    dataDir,
    ...[secretKeyFile, config.databaseUrl === null ? sqliteFile(config) : null].filter(
      (file) => file !== null && existsSync(file),
    ),
  ] as string[];
  const open = own.filter((file) => (statSync(file).mode & 0o077) !== 0);
  for (const file of open) {
    const right = statSync(file).isDirectory() ? '700' : '600';
    yield {
      state: 'FAIL',
      about: 'files',
      text: `Others on this machine can read ${file}. Close it: chmod ${right} ${file}`,
    };
  }
  if (open.length === 0) yield { state: 'ok', about: 'files', text: `${own.join(', ')}: for the owner alone.` };
  if (secretKeyFile !== null && !existsSync(secretKeyFile)) {
    yield {
      state: 'warn',
      about: 'files',
      text: `There is no secret key in ${secretKeyFile} yet. The first start makes it.`,
    };
  }
}

/** The way to a PostgreSQL on another machine, over which every row goes. */
export function* checkDatabaseLine({ databaseUrl }: Config): Generator<Finding> {
  if (databaseUrl === null) return;
  const about = 'database';
  let line: pg.Client;
  try {
    // As the driver itself reads the address and the PG… variables; it connects to nothing.
    line = new pg.Client({ connectionString: databaseUrl });
  } catch {
    return; // A certificate that cannot be read: connecting tells.
  }
  if (line.host.startsWith('/') || isLoopback(line.host)) return;
  const { ssl } = line as { ssl?: boolean | { rejectUnauthorized?: boolean } };
  const how = 'Say in DATABASE_URL: ?sslmode=verify-full';
  if (!ssl)
    yield {
      state: 'warn',
      about,
      text: `What is kept crosses the network to ${line.host} as plain text. ${how}`,
    };
  else if (typeof ssl === 'object' && ssl.rejectUnauthorized === false)
    yield {
      state: 'warn',
      about,
      text: `The certificate of ${line.host} is not looked at, so anybody on the way can be the database. ${how}`,
    };
}

export async function* checkMail(config: Config): AsyncGenerator<Finding> {
  const about = 'mail';
  const { smtpUrl, dataDir, mailFrom } = config;
  if (smtpUrl === null) {
    yield { state: 'warn', about, text: `SMTP_URL is not set: mails are written to ${dataDir}/mail and reach nobody.` };
    return;
  }
  yield* loosened(new URL(smtpUrl).searchParams);
  try {
    await tryMailServer(smtpUrl);
    yield { state: 'ok', about, text: `${new URL(smtpUrl).host} takes mails. They come from ${mailFrom}.` };
  } catch (error) {
    yield { state: 'FAIL', about, text: `${new URL(smtpUrl).host} does not take mails: ${errorText(error, config)}` };
  }
}

// What an address of a mail server can ask for that opens mails to whoever sits on the way.
function* loosened(asked: URLSearchParams): Generator<Finding> {
  for (const [name, what] of [
    ['requireTLS', 'mails, with links that set passwords, may cross the network as plain text.'],
    ['tls.rejectUnauthorized', 'its certificate is not looked at, so anybody on the way can be the mail server.'],
  ] as const)
    if (asked.get(name) === 'false')
      yield { state: 'warn', about: 'mail', text: `SMTP_URL has ${name}=false: ${what}` };
}
