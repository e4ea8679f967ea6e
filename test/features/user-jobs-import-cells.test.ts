import assert from 'node:assert/strict';
import { UserJob } from '#models/user-job.js';
import { MINUTE } from '#server/lib/clock.js';
import { workOnPeople } from '#server/jobs/people.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { inParts } from '../support/multipart.js';
import { startPortal, type Portal } from '../support/portal.js';
import type { Program, Reply } from '../support/program.js';
import { programOf } from '../support/programs.js';
import { userCalled } from '../support/users.js';

const IMPORT = '/admin/users/import';
const PREVIEW = '/admin/users/import/preview';

describe('The cells of a file of users', () => {
  let portal: Portal;
  let olivia: Program;
  let browser: Browser;
  let fields: Fields;
  before(async () => {
    portal = await startPortal();
    olivia = await programOf(portal, 'acme/olivia');
    browser = await portal.signedIn('acme/olivia');
    const { file: _file, _form, ...form } = (await browser.open(IMPORT)).form(PREVIEW);
    fields = form;
  });
  after(() => portal.close());
  beforeEach(() => portal.clock.move(MINUTE));

  const dry = (csv: string): Promise<Reply> => olivia.post('/users/import', { csv, dryRun: true });
  /** Why each row of the text is refused, or null. */
  const reasons = async (csv: string): Promise<(string | null)[]> => {
    const { body, text } = await dry(csv);
    assert.equal(body['state'], 'preview', text);
    const rows = await olivia.get(`/users/bulk/${String(body['id'])}/rows`);
    return (rows.body['data'] as { reason: string | null }[]).map(({ reason }) => reason);
  };
  const send = async (bytes: Buffer): Promise<Page> => {
    const { type, body } = inParts(fields, { field: 'file', bytes });
    return browser.postRaw(PREVIEW, body, { 'Content-Type': type });
  };

  it('give every role that they name, however many: none is cut off', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `Role of the department ${String(at).padStart(2, '0')}`);
    for (const name of names) assert.equal((await olivia.post('/roles', { name, permissions: [] })).status, 201, name);
    portal.clock.move(MINUTE);
    const csv = `username,name,email,roles\nrhea,Rhea,rhea@acme.example,${names.join('|')}\n`;
    assert.ok(csv.length > 800);
    assert.equal((await olivia.post('/users/import', { csv })).status, 200);
    await workOnPeople(portal.services);
    const { roles = [] } = await userCalled(portal, 'acme/rhea');
    assert.deepEqual(roles.map(({ name }) => name).sort(), names);
  });

  it('name the same role as often as they like, which changes nothing', async () => {
    const [reason] = await reasons('username,roles\numar,User|user|USER\n');
    assert.equal(reason, 'All of it is so already.');
  });

  it('are refused with row, column and reason where they are too much, and never with an answer as long as they', async () => {
    const many = (count: number): string => Array.from({ length: count }, (_, at) => `Nobody ${at}`).join('|');
    const [first, second, third, fourth] = await reasons(
      `username,roles\numar,${many(200)}\numa,${many(201)}\nadam,${many(4000)}\nadele,${'x'.repeat(9000)}\n`,
    );
    assert.match(
      first ?? '',
      /^roles: There is no role “Nobody 0” here\. .*“Nobody 4” here\. roles: Nor are there 195 more of those named\.$/,
    );
    assert.equal(second, 'roles: Name at most 200 roles.');
    assert.equal(third, 'roles: Name at most 200 roles.');
    assert.match(fourth ?? '', /roles: There is no role “x{100}…” here/);
    for (const column of ['username', 'name', 'email', 'roles', 'status', 'kind']) {
      const columns = ['username', ...(column === 'username' ? [] : [column])];
      const cell = 'y'.repeat(20_000);
      const [reason] = await reasons(`${columns.join()}\n${column === 'username' ? cell : `umar,${cell}`}\n`);
      assert.match(reason ?? '', new RegExp(`${column}: `));
      assert.ok((reason ?? '').length < 600, column);
    }
  });

  it('are refused where they hold what no database keeps, by whatever way they come, in whichever column', async () => {
    const before = await UserJob.count();
    const rows = ['username,name,email,roles,note', 'zoe,Zoë,zoe@acme.example,User,new'];
    for (const bad of ['\0', '\ud800', '\udc00'])
      for (const [at, row] of rows.entries())
        for (let cell = 0; cell < row.split(',').length; cell += 1) {
          const spoilt = rows.map((one, place) => {
            const cells = one.split(',');
            if (place === at) cells[cell] = `${cells[cell]}${bad}`;
            return cells.join(',');
          });
          const why = JSON.stringify(spoilt[at]);
          const reply = await dry(spoilt.join('\n'));
          assert.equal(reply.status, 422, why);
          assert.match(reply.text, new RegExp(`In line ${at + 1} there is a character that no text has`), why);
          const file = await send(Buffer.from(`\ufeff${spoilt.join('\n')}`, 'utf16le'));
          assert.equal(file.status, 422, why);
          assert.match(file.errorOf('file'), bad === '\0' ? /This is no file of text/ : /In line \d/, why);
          if (bad !== '\0') continue;
          const page = await browser.post(PREVIEW, { ...fields, csv: spoilt.join('\n') });
          assert.equal(page.status, 422, why);
          assert.match(page.errorOf('csv'), /In line \d/, why);
        }
    assert.equal(await UserJob.count(), before);
  });
});
