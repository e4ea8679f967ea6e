import { rmSync } from 'node:fs';
import type { Express } from 'express';
import type { Database } from '#models/database.js';
import { connect } from '#models/index.js';
import { createApp } from '#server/app.js';
import type { Config } from '#server/config.js';
import type { Services } from '#server/context.js';
import type { DemoUser } from '#server/features/demo/actions.js';
import { createLog } from '#server/lib/log.js';
import { createServices } from '#server/services.js';
import { hangUp } from './ask.js';
import { Browser } from './browser.js';
import { movableClock, type MovableClock } from './clock.js';
import { verifyingOnce } from './hashing.js';
import { Inbox } from './inbox.js';
import { install, testConfig } from './template.js';

/** The one password of the cast in tests. */
export const PASSWORD = 'plum-harbour-violet-84';

export interface Portal {
  app: Express;
  config: Config;
  database: Database;
  services: Services;
  clock: MovableClock;
  inbox: Inbox;
  cast: DemoUser[];
  dataDir: string;
  /** What the process logged, line by line. */
  logLines: string[];
  /** A browser in which nobody has signed in yet. */
  browser(): Browser;
  /** The same at this portal started anew, on the same database. */
  browserOfAnother(): Browser;
  /** A browser in which this member of the cast, `acme/uma`, has signed in. */
  signedIn(who: string, password?: string): Promise<Browser>;
  idOf(who: string): string;
  close(): Promise<void>;
}

export interface PortalOptions {
  env?: Record<string, string>;
  /** False: an empty database, as at the first start. */
  demo?: boolean;
}

/** A whole portal on a database of its own, built by the migrations: SQLite, or PostgreSQL when TEST_DATABASE_URL is set. */
export async function startPortal({ env = {}, demo = true }: PortalOptions = {}): Promise<Portal> {
  const { dataDir, databaseUrl, cast, madeAt } = await install(demo ? { password: PASSWORD } : null);
  const config = testConfig({ NODE_ENV: 'test', DATA_DIR: dataDir, DATABASE_URL: databaseUrl ?? '', ...env });
  const database = await connect(config);
  const clock = movableClock(madeAt);
  const inbox = new Inbox();
  const logLines: string[] = [];
  const log = createLog('info', { write: (line: string) => void logLines.push(line) });
  const services = createServices({ config, database, clock, log });
  services.passwords = verifyingOnce(services.passwords);
  inbox.services = services;
  const app = createApp({ config, database, mailer: inbox, clock, log }, services);
  const browser = (): Browser => new Browser(app, config.baseUrl, () => services.aside.settled());
  const others: Express[] = [];
  return {
    app,
    config,
    database,
    services,
    clock,
    inbox,
    cast,
    dataDir,
    logLines,
    browser,
    browserOfAnother() {
      const anew = createServices({ config, database, clock, log });
      const other = createApp({ config, database, mailer: inbox, clock, log }, anew);
      others.push(other);
      return new Browser(other, config.baseUrl, () => anew.aside.settled());
    },
    async signedIn(who, password = PASSWORD) {
      const one = browser();
      await one.signIn(who, password);
      return one;
    },
    idOf(who) {
      const member = cast.find(({ organization, username }) => `${organization}/${username}` === who);
      if (!member) throw new Error(`${who} is not in the cast.`);
      return member.id;
    },
    async close() {
      await services.aside.settled();
      await Promise.all([app, ...others].map(hangUp));
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
