import assert from 'node:assert/strict';
import { Tenant } from '#models/tenant.js';
import { TenantLogo } from '#models/tenant-logo.js';
import { readPicture } from '#server/lib/picture.js';
import { MINUTE } from '#server/lib/clock.js';
import { ANOTHER_TAB, type Browser, type Fields, type Page } from '../support/browser.js';
import { clearCounters } from '../support/database.js';
import { logged } from '../support/links.js';
import { inParts } from '../support/multipart.js';
import { png, WEBP } from '../support/pictures.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { newestDetails } from '../support/users.js';
import { overTheWire } from '../support/wire.js';

const PATH = '/admin/organisation';
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');

describe('The logo of an organisation', () => {
  let portal: Portal;
  let olivia: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
  });
  afterEach(() => portal.close());

  const send = async (bytes: Buffer, more: Fields = {}, by = olivia): Promise<Page> => {
    const { logo: _, ...fields } = (await by.open(PATH)).form(PATH);
    const { type, body } = inParts({ ...fields, ...more }, { field: 'logo', bytes });
    return by.postRaw(PATH, body, { 'Content-Type': type });
  };
  const logoOn = ({ html }: Page): string | null => /"(\/logos\/[^"]+)"/.exec(html)?.[1] ?? null;
  const shown = async (): Promise<string> => {
    const path = logoOn(await olivia.open('/security'));
    assert.ok(path !== null);
    return path;
  };

  it('stands in the head of every page of its people, as it was read, and the log has which was and which is', async () => {
    const without = await olivia.open('/security');
    assert.equal(logoOn(without), null);
    assert.equal(
      without.document.querySelectorAll('svg.logo path').length,
      1,
      'The mark of Gatehouse, where there is none.',
    );
    const pictures: [bytes: Buffer, type: string][] = [
      [png(['tEXt', Buffer.from('Author\0Uma')]), 'png'],
      [WEBP.clear, 'webp'],
    ];
    let before = '';
    for (const [bytes, type] of pictures) {
      const answer = await send(bytes);
      assert.equal(answer.status, 303, answer.alert);
      const path = await shown();
      assert.equal((await olivia.open('/security')).document.querySelector('svg.logo'), null, 'One of the two.');
      assert.match(path, new RegExp(`^/logos/[\\w-]{43}\\.${type}$`));
      const { status, headers, body } = await overTheWire(portal.app, path);
      assert.equal(status, 200);
      assert.deepEqual(body, (await readPicture(bytes)).bytes);
      assert.deepEqual(
        ['content-type', 'x-content-type-options', 'content-security-policy', 'set-cookie'].map((one) => headers[one]),
        [
          `image/${type}`,
          'nosniff',
          "default-src 'none';frame-ancestors 'none';base-uri 'none';object-src 'none'",
          undefined,
        ],
      );
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.match(headers['cache-control'] ?? '', /^public, max-age=31536000, immutable$/);
      const { logo } = (await newestDetails(portal, 'acme', 'tenant.changed')) as {
        logo: { from: string; to: string };
      };
      assert.equal(logo.from, before);
      assert.match(logo.to, new RegExp(`^${type.toUpperCase()}, SHA-256 [\\w-]{43}$`));
      before = logo.to;
    }
    const rows = (await logged(portal, 'acme', 'tenant.changed')).length;
    const path = await shown();
    assert.equal((await send(WEBP.clear)).status, 303);
    assert.equal(await shown(), path);
    assert.equal((await logged(portal, 'acme', 'tenant.changed')).length, rows, 'The same picture changes nothing.');
  });

  it('goes when it is taken away, and its address with it; another has another address', async () => {
    await send(png());
    const first = await shown();
    await send(WEBP.lossy);
    const second = await shown();
    assert.equal((await olivia.get(first)).status, 404);
    const gone = await olivia.submit(PATH, PATH, { removeLogo: 'on' });
    assert.equal(gone.status, 303, gone.alert);
    assert.equal(logoOn(await olivia.open('/security')), null);
    assert.equal((await olivia.get(second)).status, 404);
    assert.equal(await TenantLogo.count(), 0);
    const { logo } = (await newestDetails(portal, 'acme', 'tenant.changed')) as { logo: { to: string } };
    assert.equal(logo.to, '');
    await olivia.submit(PATH, PATH, { accountRemovalDays: '3' });
    assert.equal(logoOn(await olivia.open('/security')), null);
  });

  it('is on the sign-in page where its organisation greets whoever comes, and tells of no other which there are', async () => {
    await send(png());
    const open = async (slug: string) => portal.browser().open(`/login?organization=${slug}`);
    for (const slug of ['acme', 'globex', 'nowhere']) assert.equal(logoOn(await open(slug)), null, slug);
    await olivia.submit(PATH, PATH, { signInMessage: 'Welcome' });
    assert.equal(logoOn(await open('acme')), await shown());
    for (const slug of ['globex', 'nowhere']) assert.equal(logoOn(await open(slug)), null, slug);
    const gary = await portal.signedIn('globex/gary');
    assert.equal(logoOn(await gary.open('/security')), null);
  });

  it('is served by its name alone, and of no organisation that is suspended', async () => {
    await send(png());
    const path = await shown();
    const { id } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
    const visitor = portal.browser();
    assert.equal((await visitor.get(path)).status, 200);
    for (const other of [
      id,
      'acme',
      'acme.png',
      path.slice(7, -1),
      path.slice(7).replace('.png', '.webp'),
      path.slice(7).toUpperCase(),
      `${'a'.repeat(43)}.png`,
      `${'a'.repeat(43)}.svg`,
      '%00.png',
      '..%2f..%2fetc%2fpasswd',
    ]) {
      assert.equal((await visitor.get(`/logos/${other}`)).status, 404, other);
    }
    await Tenant.update({ status: 'suspended' }, { where: { id } });
    assert.equal((await visitor.get(path)).status, 404);
  });

  it('is refused where it is not a sound PNG or WebP of 64 kB, in words at the field, and what was stays', async () => {
    await send(png());
    const path = await shown();
    const wrong: [bytes: Buffer, words: RegExp][] = [
      [SVG, /PNG or a WebP/],
      [Buffer.concat([png(), SVG]), /damaged/],
      [Buffer.alloc(65 * 1024, 1), /at most 64 kB/],
      [png().subarray(0, 60), /damaged/],
    ];
    for (const [bytes, words] of wrong) {
      const answer = await send(bytes, { name: 'Acme Works' });
      assert.equal(answer.status, 422);
      assert.match(answer.errorOf('logo'), words);
      assert.equal(answer.valueOf('name'), 'Acme Works', 'What else was typed is there still.');
    }
    const typed = await olivia.submit(PATH, PATH, { logo: png().toString('latin1') });
    assert.match(typed.errorOf('logo'), /Choose the file/);
    assert.equal(await shown(), path);
    assert.equal((await olivia.open(PATH)).valueOf('name'), 'Acme');
  });

  it('is chosen again where one has to confirm first that it is oneself: no file waits meanwhile', async () => {
    const { logo: _, ...fields } = (await olivia.open(PATH)).form(PATH);
    portal.clock.move(15 * MINUTE);
    await clearCounters(portal.database);
    const { type, body } = inParts(fields, { field: 'logo', bytes: png() });
    const asked = await olivia.postRaw(PATH, body, { 'Content-Type': type });
    assert.match(asked.location, /^\/confirm\?kept=/);
    const back = await olivia.submit(asked.location, '/confirm', { password: 'plum-harbour-violet-84' });
    const kept = await olivia.follow(back);
    const again = await olivia.post(PATH, kept.form(PATH));
    assert.equal(again.status, 422);
    assert.match(again.errorOf('logo'), /Choose the file of the logo again/);
  });

  it('is changed by an owner alone, also by a program, which sends it in Base64', async () => {
    const adam = await portal.signedIn('acme/adam');
    const forged = inParts({ _csrf: await adam.csrf('/profile') }, { field: 'logo', bytes: png() });
    assert.equal((await adam.postRaw(PATH, forged.body, { 'Content-Type': forged.type })).status, 403);
    const program = await programOf(portal, 'acme/olivia');
    const set = (logo: unknown) => program.patch('/organisation', { logo });
    const changed = await set(WEBP.lossless.toString('base64'));
    assert.equal(changed.status, 200, changed.text);
    assert.equal(changed.body['logo'], await shown());
    assert.equal((await program.get('/organisation')).body['logo'], await shown());
    for (const wrong of [SVG.toString('base64'), 'no base64', '', 7, Buffer.alloc(70_000).toString('base64')])
      assert.equal((await set(wrong)).status, 422, String(wrong).slice(0, 20));
    assert.equal((await program.patch('/organisation', { accountRemovalDays: 5 })).body['logo'], await shown());
    assert.equal((await set(null)).body['logo'], null);
    const others = await programOf(portal, 'acme/adam');
    assert.equal((await others.patch('/organisation', { logo: null })).status, 403);
  });

  it('is not changed unawares by who has not seen that somebody else has just changed it', async () => {
    const { logo: _, ...old } = (await olivia.open(PATH)).form(PATH);
    assert.equal((await send(WEBP.clear)).status, 303);
    const first = await shown();
    const late = async (fields: Fields): Promise<Page> => {
      const { type, body } = inParts(fields, { field: 'logo', bytes: png() });
      return olivia.postRaw(PATH, body, { 'Content-Type': type });
    };
    const told = await late({ ...old, ...ANOTHER_TAB });
    assert.equal(told.status, 422);
    assert.match(told.errorOf('logo'), /there is another logo by now/);
    assert.equal(await shown(), first);
    const { logo: __, ...again } = told.form(PATH);
    assert.equal((await late(again)).status, 303);
    assert.notEqual(await shown(), first);
  });
});
