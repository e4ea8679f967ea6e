import type { Express } from 'express';
import { parse, type HTMLElement } from 'node-html-parser';
import { ask, type Answer, type Question } from './ask.js';

export type Fields = Record<string, string | readonly string[]>;
/** Makes of one form two that know nothing of each other, as two tabs or two people would send them. */
export const ANOTHER_TAB: Fields = { _form: '' };
/** Null leaves out what a browser would send by itself. */
export type Headers = Record<string, string | null>;

/** An answer, read as a person would. */
export class Page {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly html: string;
  readonly path: string;
  readonly origin: string;
  #document: HTMLElement | undefined;

  constructor(path: string, response: Answer, origin: string) {
    this.path = path;
    this.origin = origin;
    this.status = response.status;
    this.headers = response.headers;
    this.html = response.text;
  }

  get document(): HTMLElement {
    return (this.#document ??= parse(this.html));
  }

  /** Where a redirect leads; '' when it is none. */
  get location(): string {
    return this.headers['location'] ?? '';
  }

  get heading(): string {
    return inOneLine(this.#parts(HEADING)[0]);
  }

  /** What the page says has been done. */
  get flash(): string {
    return this.textOf('[role=status]');
  }

  /** What the page says is wrong. */
  get alert(): string {
    return this.textOf('[role=alert]');
  }

  /** All that can be read in the main part of the page. */
  get text(): string {
    return this.textOf('main') || this.document.text;
  }

  /** What is wrong with this field. */
  errorOf(field: string): string {
    return this.textOf(`#error-${field}`);
  }

  /** What stands in this field. */
  valueOf(field: string): string {
    return this.document.querySelector(`[name="${field}"]`)?.getAttribute('value') ?? '';
  }

  /** The fields of the form that is sent to this path, with what stands in them, as a browser would send them. */
  form(action: string): Fields {
    const forms = this.#parts(FORM).filter((one) => (one.getAttribute('action') ?? this.path) === action);
    // A search may go to the very path that the form below it is sent to.
    const form = forms.find((one) => one.getAttribute('method') === 'post') ?? forms[0];
    if (!form) throw new Error(`${this.path} has no form for ${action}; it has ${this.forms().join(', ')}.`);
    const fields: Record<string, string[]> = {};
    const add = (name: string | undefined, value: string): void => {
      if (name) (fields[name] ??= []).push(value);
    };
    for (const input of form.querySelectorAll('input, select, textarea')) {
      const name = input.getAttribute('name');
      const type = input.getAttribute('type');
      if (input.tagName === 'TEXTAREA') add(name, input.text);
      else if (input.tagName === 'SELECT')
        add(
          name,
          (input.querySelector('option[selected]') ?? input.querySelector('option'))?.getAttribute('value') ?? '',
        );
      else if (type !== 'checkbox' && type !== 'radio') add(name, input.getAttribute('value') ?? '');
      else if (input.hasAttribute('checked')) add(name, input.getAttribute('value') ?? 'on');
    }
    return Object.fromEntries(
      Object.entries(fields).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
    );
  }

  forms(): string[] {
    return this.#parts(FORM_HEAD).map((one) => one.getAttribute('action') ?? this.path);
  }

  links(): string[] {
    return this.#parts(LINK_HEAD).flatMap((one) => one.getAttribute('href') ?? []);
  }

  private textOf(selector: string): string {
    // What is nowhere in the page need not be looked for.
    const [, word = ''] = /^(?:#|\[role=)([\w-]+)\]?$/.exec(selector) ?? [];
    if (!this.html.includes(word)) return '';
    return inOneLine(this.document.querySelector(selector));
  }

  /** To read a whole page takes a third as long as to ask for it: where a part will do, that is read. */
  #parts(pattern: RegExp): HTMLElement[] {
    const found = this.html.replace(COMMENT, '').match(pattern) ?? [];
    return found.flatMap((part) => parse(part).querySelector('*') ?? []);
  }
}

// Every value in our pages stands in quotes, in which there is no `<` and no `>`; no form stands in another.
const HEADING = /<h1\b[^>]*>[\s\S]*?<\/h1>/;
const FORM_HEAD = /<form\b[^>]*>/g;
const FORM = /<form\b[^>]*>[\s\S]*?<\/form>/g;
const LINK_HEAD = /<a\b[^>]*>/g;
const COMMENT = /<!--[\s\S]*?-->/g;

function inOneLine(element: HTMLElement | null | undefined): string {
  return (element?.text ?? '').replace(/\s+/g, ' ').trim();
}

/** A browser without JavaScript: keeps cookies, sends the forms it is shown, says where it comes from. */
export class Browser {
  readonly cookies = new Map<string, string>();
  /** Sent with every request. */
  readonly headers: Record<string, string> = {
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  };
  readonly #app: Express;
  readonly #origin: string;
  readonly #afterwards: () => Promise<void>;

  /** `afterwards` is waited for after each answer: what goes on aside has then come to its end. */
  constructor(app: Express, origin: string, afterwards = () => Promise.resolve()) {
    this.#app = app;
    this.#origin = origin;
    this.#afterwards = afterwards;
    this.headers['Host'] = new URL(origin).host;
  }

  async get(path: string, headers: Headers = {}): Promise<Page> {
    return this.#send({ method: 'GET', path }, { 'Sec-Fetch-Site': 'same-origin', ...headers });
  }

  /** Asks for the head alone, as who checks a link does. */
  async head(path: string, headers: Headers = {}): Promise<Page> {
    return this.#send({ method: 'HEAD', path }, headers);
  }

  /** Follows redirects, as a person sees it. */
  async open(path: string): Promise<Page> {
    return this.follow(await this.get(path));
  }

  async follow(page: Page): Promise<Page> {
    let current = page;
    for (let hops = 0; current.location !== '' && hops < 10; hops += 1)
      current = await this.get(this.#pathOf(current.location));
    return current;
  }

  /** Sends fields as they are, without having seen a form. */
  async post(path: string, fields: Fields = {}, headers: Headers = {}): Promise<Page> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    return this.postRaw(path, body.toString(), headers);
  }

  /** Sends a body as it stands, which no form would. */
  async postRaw(path: string, body: string | Buffer, headers: Headers = {}): Promise<Page> {
    const own = {
      Origin: this.#origin,
      'Sec-Fetch-Site': 'same-origin',
      'Content-Type': 'application/x-www-form-urlencoded',
    };
    return this.#send({ method: 'POST', path, body }, { ...own, ...headers });
  }

  /**
   * Opens the page at `at`, fills in the form that goes to `action`, and sends it; where a link leads to that form, which asks
   * first, the link is followed. Does not follow the answer.
   */
  async submit(at: string, action: string, fields: Fields = {}): Promise<Page> {
    const opened = await this.open(at);
    const asks = opened.forms().includes(action) ? undefined : opened.links().find((to) => to.split('?')[0] === action);
    const page = asks === undefined ? opened : await this.open(asks);
    return this.post(action, { ...page.form(action), ...fields });
  }

  /** A good `_csrf` for this browser, for sending what no form would. */
  async csrf(at = '/login'): Promise<string> {
    const page = await this.open(at);
    return page.valueOf('_csrf');
  }

  /** Signs in as `acme/uma`; gives the answer to the form. */
  async tryToSignIn(who: string, password: string, next = ''): Promise<Page> {
    const [organization = '', username = ''] = who.split('/');
    return this.submit('/login', '/login', { organization, username, password, next });
  }

  async signIn(who: string, password: string): Promise<Page> {
    const page = await this.tryToSignIn(who, password);
    if (page.status !== 303) throw new Error(`${who} could not sign in: ${page.status} ${page.alert}`);
    return page;
  }

  /** Confirms that it is still the same person, where a page asks for that. */
  async stepUp(password: string, next = '/security'): Promise<Page> {
    return this.submit(`/confirm?next=${encodeURIComponent(next)}`, '/confirm', { password });
  }

  async #send(question: Omit<Question, 'headers'>, headers: Headers): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = { ...this.headers, ...(cookie ? { Cookie: cookie } : {}), ...headers };
    const sent = Object.entries(all).filter((header): header is [string, string] => header[1] !== null);
    const answer = await ask(this.#app, { ...question, headers: Object.fromEntries(sent) });
    await this.#afterwards();
    for (const line of (answer.headers['set-cookie'] as unknown as string[] | undefined) ?? []) this.#keep(line);
    return new Page(question.path, answer, this.#origin);
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    const expires = attributes.map((one) => /^\s*expires=(.*)$/i.exec(one)?.[1]).find((found) => found !== undefined);
    if (expires !== undefined && new Date(expires).getTime() < Date.now()) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(at + 1));
  }

  #pathOf(location: string): string {
    if (location.startsWith('/')) return location;
    const url = new URL(location);
    if (url.origin !== this.#origin) throw new Error(`This leads away from the portal: ${location}`);
    return url.pathname + url.search;
  }
}
