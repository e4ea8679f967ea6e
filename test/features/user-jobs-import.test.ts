import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { UserJobRow } from '#models/user-job-row.js';
import { workOnNext } from '#server/features/user-jobs/work.js';
import { workOnPeople } from '#server/jobs/people.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { logged } from '../support/links.js';
import { inParts } from '../support/multipart.js';
import { startPortal, type Portal } from '../support/portal.js';
import { newestDetails, pageOf, roleId, userCalled } from '../support/users.js';

const IMPORT = '/admin/users/import';
const PREVIEW = '/admin/users/import/preview';

describe('Users from a file', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  const form = async (by = adam): Promise<Fields> => (await by.open(IMPORT)).form(PREVIEW);
  const paste = async (csv: string, by = adam): Promise<Page> => by.post(PREVIEW, { ...(await form(by)), csv });
  const send = async (bytes: Buffer, by = adam): Promise<Page> => {
    const { file: _, ...fields } = await form(by);
    const { type, body } = inParts(fields, { field: 'file', bytes });
    return by.postRaw(PREVIEW, body, { 'Content-Type': type });
  };
  /** What each row of the preview, or of the job, comes to. */
  const table = ({ document }: Page): string[][] =>
    document
      .querySelectorAll('tbody tr')
      .map((row) => row.querySelectorAll('td, th').map((cell) => cell.text.replace(/\s+/g, ' ').trim()));
  const begin = async (page: Page, by = adam): Promise<string> => {
    const { location } = await by.post(IMPORT, page.form(IMPORT));
    assert.match(location, /^\/admin\/users\/bulk\/[0-9a-f-]{36}$/);
    return location;
  };
  const work = (): Promise<void> => workOnPeople(portal.services);

  it('says first what each row does, and does nothing yet', async () => {
    const page = await paste(
      [
        'E-Mail;Phone;USERNAME;Name;Roles;Status',
        'ida@acme.example;1;ida;Ida Ivers;;',
        ';2;umar;Umar the Second;User|Auditor;',
        'uma@acme.example;3;Uma;Uma Ndiaye;;active',
        'broken;4;otto;;Pilot;',
        ';5;olivia;Olivia the Second;;',
        ';6;adam;;;disabled',
      ].join('\n'),
    );
    assert.equal(page.status, 200, page.alert);
    assert.match(page.heading, /Import: 2 people/);
    assert.match(
      page.text,
      /Read as UTF-8, with semicolons between the cells. Columns: username, name, email, roles, status. Passed over: Phone/,
    );
    assert.match(page.text, /New 1 Changed 1 Nothing to do 1 Refused 3/);
    const rows = table(page);
    assert.deepEqual(
      rows.map(([place]) => place),
      ['2', '3', '4', '5', '6', '7'],
    );
    assert.deepEqual(
      rows.map((row) => row[3]),
      ['Waiting', 'Waiting', 'Nothing to do', 'Refused', 'Refused', 'Refused'],
    );
    assert.match(rows[0]?.[1] ?? '', /Ida Ivers ?ida@acme.example/);
    assert.match(rows[0]?.[4] ?? '', /New person: User/);
    assert.match(rows[1]?.[4] ?? '', /name: Umar Usman → Umar the Second ?roles: User → Auditor, User/);
    assert.match(rows[3]?.[4] ?? '', /email: .*roles: There is no role “Pilot” here. name: Enter the name/);
    assert.match(rows[4]?.[4] ?? '', /may do more than yours/);
    assert.match(rows[5]?.[4] ?? '', /status: Nobody disables their own account/);
    await work();
    assert.equal(await User.count({ where: { username: 'ida' } }), 0);
    assert.equal((await logged(portal, 'acme', 'user-job.begun')).length, 0);
  });

  it('then does to each what their own page does: the rule, the row of the log, the mail; and counts everybody once', async () => {
    const page = await paste(
      'username,name,email,kind,status\nida,Ida Ivers,ida@acme.example,,\nfax,Fax,fax@acme.example,service,\numar,Umar the Second,,,\nUMA,,,,disabled\n',
    );
    const path = await begin(page);
    assert.equal((await adam.post(IMPORT, { ...page.form(IMPORT), _form: '' })).location, path);
    // As where a process that was thought dead works beside the one that took its place.
    await Promise.all([1, 2].map(() => workOnNext(portal.services, Infinity)));
    const report = await adam.open(path);
    assert.match(report.heading, /Import: done/);
    assert.match(report.text, /4 done, 0 with nothing to do, 0 left out, 0 refused/);
    const ida = await userCalled(portal, 'acme/ida');
    assert.deepEqual([ida.status, ida.kind, ida.roles?.map(({ key }) => key)], ['invited', 'person', ['user']]);
    assert.match(await portal.inbox.linkTo('ida@acme.example', '/invitations/'), /^\/invitations\//);
    assert.equal((await userCalled(portal, 'acme/fax')).kind, 'service');
    assert.equal((await userCalled(portal, 'acme/umar')).name, 'Umar the Second');
    assert.equal((await userCalled(portal, 'acme/uma')).status, 'disabled');
    for (const [event, count] of [
      ['user.created', 2],
      ['user.disabled', 1],
      ['user-job.begun', 1],
      ['user-job.done', 1],
    ] as const) {
      const rows = (await logged(portal, 'acme', event)).filter(
        (row) => row['actor_id'] === portal.idOf('acme/adam') || event === 'user-job.done',
      );
      assert.equal(rows.length, count, event);
    }
    assert.equal((await newestDetails(portal, 'acme', 'user-job.done'))['done'], 4);
    const csv = (await adam.get(`${path}/report.csv`)).html;
    assert.match(csv, /\r\n2,ida,Ida Ivers,ida@acme.example,[0-9a-f-]{36},done,New person: User\r\n/);
    assert.match(csv, /name: Umar Usman → Umar the Second/);
    const again = await paste('username,name,email,kind,status\nida,Ida Ivers,ida@acme.example,,\nUMA,,,,disabled\n');
    assert.match(again.heading, /Import: 0 people/);
    assert.equal(again.forms().includes(IMPORT), false, 'There is nothing to begin.');
  });

  it('takes back what it has given out, unchanged, names that look like formulas too', async () => {
    const { id } = await userCalled(portal, 'acme/umar');
    for (const name of ['=SUM(A1)', "'=SUM(A1)", '@mar', '-Umar, "the" Third;=1+1;"=2']) {
      await User.update({ name }, { where: { id } });
      const file = await adam.get('/admin/users/export.csv');
      const page = await send(Buffer.from(file.html));
      assert.match(page.heading, /Import: 0 people/, name);
      assert.match(page.text, /New 0 Changed 0 Nothing to do \d+ Refused 0/, name);
    }
    assert.match((await paste("username,name\numar,'=1+1")).text, /→ =1\+1/);
  });

  it('refuses both of two rows about one person, or with one address', async () => {
    const page = await paste(
      'username,name,email\nann,Ann,ann@acme.example\nANN,Ann,ann2@acme.example\nbob,Bob,bob@acme.example\nbert,Bert,BOB@acme.example\n',
    );
    assert.match(page.heading, /Import: 0 people/);
    assert.deepEqual(
      table(page).map((row) => row[4]),
      [
        'username: Row 3 has the same username. Leave one of them out.',
        'username: Row 2 has the same username. Leave one of them out.',
        'email: Row 5 has the same address. Leave one of them out.',
        'email: Row 4 has the same address. Leave one of them out.',
      ],
    );
  });

  it('refuses what the form of one person refuses, in the same words', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const uma = pageOf(portal.idOf('acme/uma'));
    await olivia.submit(uma, uma, {
      username: 'umara',
      name: 'Uma Ndiaye',
      email: 'uma@acme.example',
      roleIds: await roleId(portal, 'acme', 'user'),
    });
    const rows = table(
      await paste(
        [
          'username,name,email,roles,status,kind',
          'root,Root,root@acme.example,,,',
          'uma,Uma,uma2@acme.example,,,',
          'a:b,Colon,colon@acme.example,,,',
          'taken,Taken,umar@acme.example,,,',
          'boss,Boss,boss@acme.example,Owner,,',
          'umar,,,,,service',
          'late,Late,late@acme.example,,disabled,',
          'odd,Odd,odd@acme.example,,asleep,robot',
          `long,${'x'.repeat(101)},long@acme.example,,,`,
          'two,Two, Three,two@acme.example,,,,more',
          ',Nobody,nobody@acme.example,,,',
          'nul,N\u0007l,nul@acme.example,,,',
        ].join('\n'),
      ),
    ).map((row) => row[4] ?? '');
    const expected = [
      /^username: Servers have an account of this name/,
      /^username: Somebody else once had this username/,
      /^username: A username cannot contain a colon/,
      /^email: Another user of this organisation has this e-mail address/,
      /^roles: You cannot give a role that may do more than yours/,
      /^kind: A person stays one/,
      /^status: A new account cannot begin disabled/,
      /^status: Write one of invited, active, disabled.* kind: Write one of person, service/,
      /^name: Use at most 100 characters/,
      /This row has more cells than the first/,
      /^username: Enter a username/,
      /^name: /,
    ];
    expected.forEach((words, at) => assert.match(rows[at] ?? '', words));
    assert.equal(rows.length, expected.length);
  });

  describe('reads what spreadsheets write', () => {
    const TEXT = 'username\tname\temail\r\nzoe\tZoë “Ö” Ødegård\tzoe@acme.example\r\n';
    const latin = Buffer.from(TEXT.replaceAll('“', '\x93').replaceAll('”', '\x94'), 'latin1');
    const turned = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
    const files: Record<string, [Buffer, RegExp]> = {
      'UTF-8': [Buffer.from(TEXT), /UTF-8, with tabs/],
      'UTF-8 with its mark': [Buffer.from(`\ufeff${TEXT}`), /UTF-8, with tabs/],
      'UTF-16, little end first': [Buffer.from(`\ufeff${TEXT}`, 'utf16le'), /UTF-16, with tabs/],
      'UTF-16, big end first': [turned(`\ufeff${TEXT}`), /UTF-16, with tabs/],
      'UTF-16 without its mark': [Buffer.from(TEXT, 'utf16le'), /UTF-16, with tabs/],
      'Windows-1252': [latin, /Windows-1252, with tabs/],
      commas: [Buffer.from(TEXT.replaceAll('\t', ',')), /UTF-8, with commas/],
      semicolons: [Buffer.from(TEXT.replaceAll('\t', ';')), /UTF-8, with semicolons/],
    };
    for (const [name, [bytes, read]] of Object.entries(files))
      it(name, async () => {
        const page = await send(bytes);
        assert.equal(page.status, 200, page.alert);
        assert.match(page.text, read);
        assert.match(page.text, /Zoë “Ö” Ødegård/);
        assert.match(page.heading, /one person/);
      });

    it('and says of what is no such file what to do', async () => {
      const wrong: [Buffer, RegExp][] = [
        [Buffer.from('PK\x03\x04…'), /This is a workbook. Save it as CSV/],
        [Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), /This is no file of text/],
        [Buffer.from('name,E-Mail,,\nIda,i'), /no column “username”.*The first row has: name, E-Mail\.$/],
        [Buffer.from('username,Username\nida,ida'), /There are two columns “username”/],
        [Buffer.from('username,name\n'), /There is nobody in it/],
        [Buffer.from('username,name\nida,"Ida\nandreas,Andreas\n'), /Row 2 cannot be read/],
        [Buffer.alloc(0), /nobody in it|Choose a file/],
      ];
      for (const [bytes, words] of wrong) {
        const page = await send(bytes);
        assert.equal(page.status, 422);
        for (const said of [page.alert, page.errorOf('file')]) assert.match(said, words);
      }
    });
  });

  it('goes back with what was pasted when something is wrong with all of it', async () => {
    const nothing = await paste('');
    assert.equal(nothing.errorOf('file'), 'Error: Choose a file, or paste its text.');
    assert.deepEqual([nothing.status, /optional/.test(nothing.text)], [422, false]);
    const page = await paste('nobody,knows\nthese,columns');
    assert.match(page.errorOf('csv'), /no column “username”/);
    assert.equal(page.document.querySelector('textarea[name=csv]')?.text.trim(), 'nobody,knows\nthese,columns');
  });

  it('takes 20,000 rows and 5 MB, and says so of more', async () => {
    const rows = Array.from({ length: 20_001 }, (_, at) => `p${at}`);
    const page = await send(Buffer.from(`username\n${rows.join('\n')}`));
    assert.match(page.alert, /more than 20,000 rows/);
    assert.equal((await send(Buffer.alloc(5 * 1024 * 1024 + 200_000, 'x'))).status, 413);
    const elsewhere = inParts({ _csrf: await adam.csrf('/profile') }, null);
    assert.equal((await adam.postRaw('/profile', elsewhere.body, { 'Content-Type': elsewhere.type })).status, 415);
    const stranger = await portal
      .browser()
      .postRaw(PREVIEW, Buffer.alloc(100_000, 'x'), { 'Content-Type': elsewhere.type });
    assert.equal(stranger.status, 413, 'Whoever was never signed in is not given the room for it.');
  });

  it('is guarded as other forms are: the token, the site, who may; and sent twice it is one preview', async () => {
    const { file: _, ...fields } = await form();
    const csv = Buffer.from('username,name,email\nida2,Ida,ida2@acme.example\n');
    const sent = async (given: Fields, headers = {}, by = adam): Promise<Page> => {
      const { type, body } = inParts(given, { field: 'file', bytes: csv });
      return by.postRaw(PREVIEW, body, { 'Content-Type': type, ...headers });
    };
    assert.equal((await sent({ ...fields, _csrf: 'x' })).status, 403);
    assert.equal((await sent(fields, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    const umar = await portal.signedIn('acme/umar');
    assert.equal((await sent({ _csrf: await umar.csrf('/profile') }, {}, umar)).status, 403);
    const audrey = await portal.signedIn('acme/audrey');
    assert.equal((await sent({ _csrf: await audrey.csrf('/profile') }, {}, audrey)).status, 403);
    const before = await UserJobRow.count();
    const [one, other] = await Promise.all([sent(fields), sent(fields)]);
    assert.deepEqual([one.status, other.status, one.html], [200, 200, other.html]);
    assert.equal(await UserJobRow.count(), before + 1);
    for (const type of ['multipart/form-data; boundary=x', 'multipart/form-data'])
      assert.equal((await adam.postRaw(PREVIEW, 'no parts', { 'Content-Type': type })).status, 400, type);
  });

  describe('goes on in its beginner’s name', () => {
    it('asks each row anew: who may do more by then is refused, and the job stops with its beginner', async () => {
      const olivia = await portal.signedIn('acme/olivia');
      const page = await paste('username,name\numar,Umar the Fourth\numara,Uma the Fourth\n');
      const umar = pageOf(portal.idOf('acme/umar'));
      await olivia.submit(umar, umar, { roleIds: await roleId(portal, 'acme', 'owner') });
      const path = await begin(page);
      await work();
      const report = await adam.open(path);
      assert.match(report.text, /1 done, 0 with nothing to do, 0 left out, 1 refused/);
      assert.equal((await userCalled(portal, 'acme/umara')).name, 'Uma the Fourth');
      const gary = await portal.signedIn('globex/gary');
      assert.equal((await gary.get(path)).status, 404);
      const next = await paste('username,name\numara,Uma the Fifth\n');
      assert.equal((await gary.post(IMPORT, { ...next.form(IMPORT), _csrf: await gary.csrf('/profile') })).status, 404);
      const begun = await begin(next);
      await User.update({ status: 'disabled' }, { where: { id: portal.idOf('acme/adam') } });
      await work();
      assert.match((await olivia.open(begun)).text, /It was stopped before its end/);
      assert.equal((await userCalled(portal, 'acme/umara')).name, 'Uma the Fourth');
    });
  });
});
