import { UAParser, type IResult } from 'ua-parser-js';

/** What a browser says of itself. Each part may be unknown, and none is proof of anything. */
export interface ClientDescription {
  browser: string | null;
  engine: string | null;
  os: string | null;
  model: string | null;
  architecture: string | null;
  /** What kind of thing it runs on; rows of before have none. */
  device?: Device | null;
}

export type Device = 'phone' | 'tablet' | 'computer';

/** The headers that describe a client: the user agent, and the client hints (Sec-CH-UA-*) that some browsers send. */
export type ClientHeaders = Record<string, string | string[] | undefined>;

/** The hints worth asking for; goes out as `Accept-CH`. */
export const WANTED_HINTS =
  'Sec-CH-UA-Platform-Version, Sec-CH-UA-Model, Sec-CH-UA-Arch, Sec-CH-UA-Bitness, Sec-CH-UA-Full-Version-List';

const READ = [
  'user-agent',
  'sec-ch-ua',
  'sec-ch-ua-arch',
  'sec-ch-ua-bitness',
  'sec-ch-ua-full-version-list',
  'sec-ch-ua-mobile',
  'sec-ch-ua-model',
  'sec-ch-ua-platform',
  'sec-ch-ua-platform-version',
];
/** What was read of so many kinds of browser is remembered: there are few, and reading one takes long. */
const MOST_REMEMBERED = 100;
const LONGEST = 2000;
const remembered = new Map<string, Readonly<ClientDescription>>();

/** Reads browser, engine, operating system, device model and CPU architecture; hints win, as the user agent is frozen in newer browsers. */
export function describeClient(headers: ClientHeaders): Readonly<ClientDescription> {
  const said = JSON.stringify(READ.map((name) => header(headers, name)));
  if (said.length > LONGEST) return readClient(headers);
  let known = remembered.get(said);
  if (!known) {
    known = Object.freeze(readClient(headers));
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(said, known);
  }
  return known;
}

function readClient(headers: ClientHeaders): ClientDescription {
  const agent = header(headers, 'user-agent').slice(0, 500);
  const parsed = new UAParser(agent).getResult();
  const platform = unquote(header(headers, 'sec-ch-ua-platform'));
  const platformVersion = unquote(header(headers, 'sec-ch-ua-platform-version'));
  return {
    browser:
      brandOf(header(headers, 'sec-ch-ua-full-version-list') || header(headers, 'sec-ch-ua')) ??
      joined(parsed.browser.name ?? firstProduct(agent), parsed.browser.version),
    engine: joined(parsed.engine.name, parsed.engine.version),
    os: platform ? systemOf(platform, platformVersion) : unfrozen(parsed),
    model: clean(unquote(header(headers, 'sec-ch-ua-model'))) ?? modelOf(parsed),
    architecture: architectureOf(headers) ?? clean(parsed.cpu.architecture),
    device: deviceOf(parsed, header(headers, 'sec-ch-ua-mobile')),
  };
}

/** One line for a mail or a log row: "Firefox 143 on Linux". */
export function clientLine(client: ClientDescription | null): string {
  const browser = client?.browser ?? 'Unknown browser';
  return client?.os ? `${browser} on ${client.os}` : browser;
}

const NOISE = /^(not.?a.?brand|chromium|.*not.*brand.*)$/i;

function brandOf(list: string): string | null {
  const brands = [...list.matchAll(/"([^"]{1,60})";\s*v="([^"]{1,30})"/g)].map(([, name = '', version = '']) => ({
    name,
    version,
  }));
  const brand = brands.find(({ name }) => !NOISE.test(name)) ?? brands.find(({ name }) => /^chromium$/i.test(name));
  return brand ? joined(brand.name.replace(/^(?:Google|Microsoft) /, ''), brand.version) : null;
}

// Reduced user agents call every model K, and every Mac is a Macintosh, an iPad that asks for desktop pages too.
function modelOf({ device: { vendor, model } }: IResult): string | null {
  return model === 'K' || model === 'Macintosh' ? null : joined(vendor, model);
}

// By the kind that the agent names, not by what its model is called. An iPad that asks for desktop pages is a Mac.
function deviceOf({ device, os }: IResult, mobileHint: string): Device | null {
  if (device.type === 'tablet') return 'tablet';
  if (device.type === 'mobile' || mobileHint === '?1') return 'phone';
  return os.name && device.type === undefined ? 'computer' : null;
}

// Windows 11 says 13 or more in the hint: its user agent still says 10.
function systemOf(platform: string, version: string): string | null {
  if (platform === 'Windows' && version) return Number.parseInt(version, 10) >= 13 ? 'Windows 11' : 'Windows 10';
  return joined(platform, version.replaceAll('_', '.'));
}

/**
 * The system of a user agent. Browsers say the same version for ever where it is frozen: macOS 10.15, Windows 10, Chrome OS
 * 14541, Android 10 of the model K (Chrome) or of no model (Firefox), iOS 18.6 or later of 18; such a version is left out.
 * Safari has that of its system since 26.
 */
function unfrozen({ browser, os, device }: IResult): string | null {
  const { name, version = '' } = os;
  const safari = Number.parseInt(browser.version ?? '', 10);
  if (name === 'Mac OS') return joined('macOS', version.startsWith('10.15') ? undefined : version);
  if (name === 'iOS' && /^18\.[6-9]/.test(version))
    return joined(name, /Safari/.test(browser.name ?? '') && safari >= 26 ? browser.version : undefined);
  const frozen =
    (name === 'Windows' && version === '10') ||
    (name === 'Chromium OS' && version.startsWith('14541')) ||
    (name === 'Android' && version === '10' && [undefined, 'K'].includes(device.model));
  return joined(name, frozen ? undefined : version);
}

function architectureOf(headers: ClientHeaders): string | null {
  const architecture = unquote(header(headers, 'sec-ch-ua-arch'));
  const bits = unquote(header(headers, 'sec-ch-ua-bitness'));
  if (!architecture) return null;
  return clean(
    architecture === 'x86' && bits === '64'
      ? 'amd64'
      : architecture === 'arm' && bits === '64'
        ? 'arm64'
        : architecture,
  );
}

function header(headers: ClientHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function firstProduct(agent: string): string | undefined {
  return /^([A-Za-z0-9._-]{1,40})\//.exec(agent)?.[1];
}

function joined(name: string | undefined, version: string | undefined): string | null {
  if (!name) return null;
  const short = version?.split('.').slice(0, 2).join('.').replace(/\.0$/, '');
  return clean(short ? `${name} ${short}` : name);
}

function unquote(value: string): string {
  return value.replace(/^"|"$/g, '');
}

function clean(value: string | undefined): string | null {
  const text = (value ?? '')
    .replace(/[^\p{L}\p{N} .,;:_+()/-]/gu, '')
    .trim()
    .slice(0, 80);
  return text === '' ? null : text;
}
