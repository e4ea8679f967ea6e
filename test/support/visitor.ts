/** What stands in the browser's place where the portal is a process of its own: keeps cookies and follows nothing. */
export class Visitor {
  readonly #url: string;
  readonly #cookies: Map<string, string>;
  readonly #address: string | undefined;

  /** `address`: where the proxy in front says that the visitor is. */
  constructor(url: string, cookies = new Map<string, string>(), address?: string) {
    this.#url = url;
    this.#cookies = cookies;
    this.#address = address;
  }

  /** The same visitor, at a portal that has moved. */
  at(url: string): Visitor {
    return new Visitor(url, this.#cookies, this.#address);
  }

  async get(path: string): Promise<{ status: number; text: string; csrf: string }> {
    const answer = await this.#fetch(path, {});
    const text = await answer.text();
    return { status: answer.status, text, csrf: /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '' };
  }

  async post(
    path: string,
    fields: Record<string, string> | URLSearchParams,
  ): Promise<{ status: number; text: string }> {
    const answer = await this.#fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
    return { status: answer.status, text: await answer.text() };
  }

  cookieHeader(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Opens the page and sends its form, which goes to the same path unless it is said otherwise. */
  async submit(path: string, fields: Record<string, string>, to = path): Promise<{ status: number; text: string }> {
    const { csrf } = await this.get(path);
    return this.post(to, { ...fields, _csrf: csrf });
  }

  async #fetch(path: string, options: RequestInit): Promise<Response> {
    const headers: Record<string, string> = { 'Sec-Fetch-Site': 'same-origin' };
    if (this.#cookies.size > 0) headers['Cookie'] = this.cookieHeader();
    if (this.#address !== undefined) headers['X-Forwarded-For'] = this.#address;
    const answer = await fetch(this.#url + path, { ...options, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return answer;
  }
}
