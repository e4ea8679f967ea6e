import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { Visitor } from '../test/support/visitor.js';
import { processorTime, type Program } from './programs.js';

const TOGETHER = 10;

/** What is sent for a sign-in page: to where, and what its form has beside what every form has. */
export interface Filled {
  path: string;
  fields: Record<string, string>;
}

/** How sign-ins went. */
export interface Round {
  /** Sign-ins a second. */
  rate: number;
  /** What each cost the portal, all threads together, microseconds. */
  cost: number;
}

/**
 * Sign-ins from browsers. The pages are asked for and the forms written before the time is taken: who sends them shares the
 * cores with the portal. Everybody comes from a browser that is new to them, and is mailed about it; or, where `known`, from
 * the one that they have signed in with before.
 */
export class SignIns {
  readonly #portal: Program;
  readonly #known: boolean;
  readonly #jars = new Map<string, Map<string, string>>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: TOGETHER });
  #ready: (() => Promise<void>)[] = [];
  #made = 0;

  constructor(portal: Program, known: boolean) {
    this.#portal = portal;
    this.#known = known;
  }

  /** Asks for a page for this person, from an address of its own, and keeps what is to be sent. */
  async fillIn(who: string, form: (text: string) => Filled): Promise<void> {
    this.#made += 1;
    const address = `10.${(this.#made >> 16) & 255}.${(this.#made >> 8) & 255}.${this.#made & 255}`;
    const jar = new Map(this.#known ? this.#jars.get(who) : []);
    // That of the session which they have.
    jar.delete('gatehouse');
    const visitor = new Visitor(this.#portal.url, jar, address);
    const { text, csrf } = await visitor.get('/login');
    const { path, fields } = form(text);
    const body = new URLSearchParams({ ...fields, _csrf: csrf, _form: formOn(text) }).toString();
    this.#ready.push(async () => {
      const { statusCode, headers } = await this.#sent(path, visitor.cookieHeader(), address, body);
      if (statusCode !== 303) throw new Error(`${who} was answered ${String(statusCode)}.`);
      for (const line of headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
      this.#jars.set(who, jar);
    });
  }

  /** Sends all that has been filled in, ten at a time. */
  async send(): Promise<Round> {
    const ready = this.#ready.splice(0);
    const many = ready.length;
    const [began, before] = [performance.now(), processorTime(this.#portal.pid)];
    const lines = Array.from({ length: TOGETHER }, async () => {
      for (let next = ready.pop(); next; next = ready.pop()) await next();
    });
    await Promise.all(lines);
    return {
      rate: (many * 1000) / (performance.now() - began),
      cost: (processorTime(this.#portal.pid) - before) / many,
    };
  }

  /** A form as a browser sends it, by as little work as can be. */
  async #sent(path: string, cookie: string, from: string, body: string): Promise<IncomingMessage> {
    const headers = {
      cookie,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      'sec-fetch-site': 'same-origin',
      'x-forwarded-for': from,
    };
    const asked = request(this.#portal.url + path, { method: 'POST', agent: this.#agent, headers });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return answer;
  }
}

/** What says which form it is, so that it is answered once. */
function formOn(text: string): string {
  return /name="_form" value="([^"]+)"/.exec(text)?.[1] ?? '';
}
