import { createHash } from 'node:crypto';
import pg from 'pg';
import { ConnectionError, DatabaseError, type Sequelize } from 'sequelize';
import { POOL } from './connections.js';
import type { Bind, Row } from './database.js';
import { dropWhenSilent } from './silent-server.js';

/** A connection never forgets a named statement: with more texts than this, the others are planned at each read. */
const MOST_NAMED = 300;

/** Compiling a statement of ours takes longer than any of them runs: seconds, for a page that asks much at once. */
export const WITHOUT_JIT = 'SET jit = off';

/** Reads on connections of their own, which plan each text once; several times as fast as through Sequelize. */
export class NamedReads {
  readonly #pool: pg.Pool;
  readonly #most: number;
  readonly #names = new Map<string, string>();

  /** Connects as `sequelize` does: to the same server, with the same options. */
  constructor(sequelize: Sequelize, silentAfter: number, most = MOST_NAMED) {
    const { config, options } = sequelize as unknown as Connected;
    const { username: user, password, host, port, database } = config;
    const to = { user, password, host, port: port === undefined ? undefined : Number(port), database };
    this.#pool = new pg.Pool({
      ...sameOptions(options.dialectOptions),
      ...to,
      max: POOL,
      idleTimeoutMillis: 10 * 60_000,
    });
    // Of a connection that goes while nobody uses it: the pool drops it, and the next read makes another.
    this.#pool.on('error', () => undefined);
    // Of one that goes while it is used: who waits for its answer is told; unheard, the event would end the process.
    this.#pool.on('connect', (client) => {
      client.on('error', () => undefined);
      dropWhenSilent(client, silentAfter);
      client.query(WITHOUT_JIT).catch(() => undefined);
    });
    this.#most = most;
  }

  async all(text: string, bind: Bind): Promise<Row[]> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw new ConnectionError(error as Error);
    });
    let broken = false;
    try {
      const name = this.#nameOf(text);
      const { rows } = await client.query<Row>({ ...(name ? { name } : {}), text, values: [...bind] });
      return rows;
    } catch (error) {
      // What the server itself refuses has a state; without one, the connection is not to be used again.
      broken = !(error instanceof pg.DatabaseError);
      // As Sequelize says it, so that its words, which may quote values, stay out of the log here too.
      throw new DatabaseError(Object.assign(error as Error, { sql: text }));
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #nameOf(text: string): string | undefined {
    let name = this.#names.get(text);
    if (name === undefined && this.#names.size < this.#most) {
      name = `read_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

// What Sequelize made of the address and its settings; its types tell of a part only.
interface Connected {
  config: { username?: string; password?: string; host?: string; port?: string | number; database?: string };
  options: { dialectOptions?: object };
}

// What Sequelize hands on to the driver; what else stands in the address it leaves out.
const HANDED_ON = [
  'application_name',
  'ssl',
  'client_encoding',
  'keepAlive',
  'statement_timeout',
  'query_timeout',
  'connectionTimeoutMillis',
  'idle_in_transaction_session_timeout',
  'lock_timeout',
  'options',
];

function sameOptions(given: object | undefined): pg.PoolConfig {
  return Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => HANDED_ON.includes(name)));
}
