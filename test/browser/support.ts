import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { listeningPortal, type ListeningOptions, type ListeningPortal } from '../support/listening.js';
import { PASSWORD } from '../support/portal.js';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  // Names that no resolver knows, for portals that are not on localhost.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];

export interface ServedPortal extends ListeningPortal {
  /** A tab in which nobody has signed in; collects what the browser complains of. */
  tab(options?: BrowserContextOptions): Promise<Tab>;
  /** A tab in which this member of the cast has signed in through the page. */
  tabOf(who: string, options?: BrowserContextOptions): Promise<Tab>;
}

export interface Tab {
  page: Page;
  /** Errors and warnings of the console, refusals of the content security policy among them. */
  complaints: string[];
  close(): Promise<void>;
}

/** The portal on a real port, and a real browser. */
export async function servePortal(options: ListeningOptions = {}): Promise<ServedPortal> {
  const portal = await listeningPortal(options);
  let browser = await launched();

  const newPage = async (options: BrowserContextOptions): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      baseURL: portal.url,
      ...options,
    });
    return context.newPage();
  };
  const tab = async (options: BrowserContextOptions = {}): Promise<Tab> => {
    const page = await newPage(options).catch(async (error: unknown) => {
      // A browser that goes by itself, as on a machine that gives it no time, is no failing of the portal.
      if (browser.isConnected()) throw error;
      browser = await launched();
      return newPage(options);
    });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    return { page, complaints, close: () => page.context().close() };
  };

  return {
    ...portal,
    tab,
    async tabOf(who, options) {
      const opened = await tab(options);
      await signIn(opened.page, who);
      return opened;
    },
    async close() {
      await browser.close();
      await portal.close();
    },
  };
}

function launched(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS });
}

/** Fills in the sign-in page and sends it. */
export async function signIn(page: Page, who: string): Promise<void> {
  const [organization = '', username = ''] = who.split('/');
  await page.goto('/login');
  await page.getByLabel('Organisation').fill(organization);
  await page.getByLabel('Username or e-mail').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForLoadState();
}
