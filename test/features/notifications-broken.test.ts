import assert from 'node:assert/strict';
import { MailTemplate } from '#models/mail-template.js';
import { MAIL_EVENTS, ownVariables, type MailEvent } from '#server/mail/events.js';
import { factoryTemplate } from '#server/mail/factory.js';
import { COMMON_VARIABLES, isLinkVariable, isRequired } from '#server/mail/variables.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import type { Program } from '../support/program.js';

const EVENTS = Object.keys(MAIL_EVENTS) as MailEvent[];

type Part = 'subject' | 'text' | 'html';
type Parts = Record<Part, string>;

/** One way in which a template can be broken: which part says what is wrong, and with which words. Null: this mail cannot be broken so. */
type Way = (parts: Parts, event: MailEvent) => [change: Partial<Parts>, field: Part, words: RegExp] | null;

const requiredOf = (event: MailEvent): string[] =>
  Object.keys(ownVariables(event)).filter((name) => isRequired(ownVariables(event), name));
const without = (text: string, name: string): string =>
  text.replaceAll(new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`, 'g'), 'x');
const withoutEach = (part: 'text' | 'html'): Way[] =>
  [0, 1, 2].map((at) => (parts, event) => {
    const name = requiredOf(event)[at];
    // Of a link in HTML the tag is gone with it, which is said first.
    return name === undefined
      ? null
      : [{ [part]: without(parts[part], name) }, part, new RegExp(`without \\{\\{${name}\\}\\}|cannot be used`)];
  });
const foreign = (event: MailEvent): string =>
  EVENTS.flatMap((one) => Object.keys(ownVariables(one))).find(
    (name) => !Object.hasOwn({ ...COMMON_VARIABLES, ...ownVariables(event) }, name),
  ) ?? '';

const WAYS: Readonly<Record<string, Way[]>> = {
  'what it must say is left out of the text': withoutEach('text'),
  'what it must say is left out of the HTML': withoutEach('html'),
  'all of it is gone': [
    () => [{ subject: ' ' }, 'subject', /Enter a subject/],
    (_parts, event) => (requiredOf(event).length > 0 ? [{ text: '' }, 'text', /of no use without/] : null),
    (_parts, event) => (requiredOf(event).length > 0 ? [{ html: '' }, 'html', /of no use without/] : null),
  ],
  'a variable is misspelt, or another mail’s': [
    ({ text }) => [{ text: `${text} {{nmae}}` }, 'text', /no variable \{\{nmae\}\}/],
    ({ html }, event) => [{ html: `${html}<p>{{${foreign(event)}}}</p>` }, 'html', /There is no variable/],
    ({ subject }) => [{ subject: `${subject} {{constructor}}` }, 'subject', /no variable \{\{constructor\}\}/],
  ],
  'braces are not closed, or hold more than a name': [
    ({ text }) => [{ text: `${text} {{name` }, 'text', /between two braces/],
    ({ html }) => [{ html: `${html}<p>{{#each name}}</p>` }, 'html', /between two braces/],
  ],
  'it would run, load or look like something else': [
    ({ html }) => [{ html: `${html}<script>1</script>` }, 'html', /<script> cannot be used/],
    ({ html }) => [{ html: `${html}<img src="x">` }, 'html', /cannot be used/],
    ({ html }) => [{ html: html.replace('<p>', '<p style="display:none">') }, 'html', /cannot be used/],
    ({ html }) => [{ html: html.replace('</h1>', '') + '<h3' }, 'html', /cannot be used/],
  ],
  'it would lead elsewhere': [
    ({ text }) => [{ text: `${text} https://evil.example` }, 'text', /addresses of web pages/],
    ({ html }) => [{ html: `${html}<p>evil&#46;example</p>` }, 'html', /addresses of web pages/],
    ({ html }) => [{ html: `${html}<a href="https://evil.example">x</a>` }, 'html', /cannot be used|addresses/],
    ({ html }) => [{ html: `${html}<p><a href="{{portalLink}}"></a></p>` }, 'html', /Nobody could see the link/],
    ({ text }) => [{ text: `${text} {{portalLink}}.evil.example` }, 'text', /what touches an address/],
  ],
  'its subject is a link, two lines, or endless': [
    (_parts, event) => {
      const link = [...Object.keys(ownVariables(event)), 'portalLink'].find(isLinkVariable) ?? '';
      return [{ subject: `Press {{${link}}}` }, 'subject', /A subject holds no links/];
    },
    ({ subject }) => [{ subject: `${subject}\nBcc: all@acme.example` }, 'subject', /one line/],
    () => [{ subject: 'x'.repeat(201) }, 'subject', /at most 200/],
  ],
};

describe('The template of a mail that is broken', () => {
  let portal: Portal;
  let program: Program;
  before(async () => {
    portal = await startPortal();
    program = await programOf(portal, 'acme/olivia');
  });
  after(() => portal.close());

  for (const [what, ways] of Object.entries(WAYS)) {
    it(`is refused, of whichever mail: ${what}`, async () => {
      let tried = 0;
      for (const event of EVENTS) {
        const parts = partsOf(event);
        for (const way of ways) {
          const broken = way(parts, event);
          if (broken === null) continue;
          const [change, field, words] = broken;
          portal.clock.move(1000);
          const about = `${event}: ${JSON.stringify(change).slice(-120)}`;
          const { status, body } = await program.put(`/notifications/${event}`, { ...parts, ...change });
          assert.equal(status, 422, about);
          for (const look of ['preview', 'test']) {
            const looked = await program.post(`/notifications/${event}/${look}`, { ...parts, ...change });
            assert.deepEqual([looked.status, looked.body], [422, body], `${look} of ${about}`);
          }
          const errors = (body['errors'] ?? []) as { field: string; message: string }[];
          assert.ok(
            errors.some((one) => one.field === field && words.test(one.message)),
            `${about}: ${JSON.stringify(errors)}`,
          );
          tried += 1;
        }
      }
      assert.ok(tried >= EVENTS.length / 2, `${tried} tried.`);
      assert.equal(await MailTemplate.count(), 0, 'Nothing of it is kept.');
      const mailed = await portal.inbox.mailsTo('olivia@acme.example');
      assert.ok(!mailed.some(({ subject }) => subject.startsWith('[Sample]')), 'Nor is it mailed.');
    });
  }

  it('is another matter than one that is whole: each mail can be given its own words back', async () => {
    for (const event of EVENTS) {
      portal.clock.move(1000);
      const { status, text } = await program.put(`/notifications/${event}`, partsOf(event));
      assert.equal(status, 204, `${event}: ${text}`);
    }
    const { tenant } = await contextIn(portal, 'acme');
    assert.equal(await MailTemplate.count({ where: { tenantId: tenant.id } }), EVENTS.length);
  });
});

function partsOf(event: MailEvent): Parts {
  const { subject, text, html } = factoryTemplate(event, 'en');
  return { subject, text, html };
}
