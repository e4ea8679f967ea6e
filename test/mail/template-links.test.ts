import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'node-html-parser';
import { ownVariables, type MailEvent } from '#server/mail/events.js';
import { templateProblems } from '#server/mail/template-check.js';
import type { TemplatePart } from '#server/mail/template-text.js';
import { fillHtml, fillText } from '#server/mail/template.js';
import { sampleValues } from '../support/sample-mail.js';

const PORTAL = 'https://portal.acme.example';
const EVENT = 'password-reset';
const VALUES = { ...sampleValues(EVENT, PORTAL), name: 'Uma', username: '.com', ip: 'evil.', organisation: 'ab' };
const LINKS = new Set(Object.values(VALUES).filter((value) => value.startsWith(PORTAL)));

const problems = (text: string, part: TemplatePart, event: MailEvent = EVENT): string =>
  templateProblems(ownVariables(event), text, part).join(' ');

/** Every piece between white space that some mail program makes a link of. */
const linkLike = (text: string): string[] =>
  text
    .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, '')
    .split(/\s+/)
    .filter((word) => /:\/\/|(?<![\p{L}\p{N}])(?:www\.|mailto:)\S|[\p{L}\p{N}]\.\p{L}{2,}/iu.test(word));

/** What somebody reads who opens this HTML, and where its links lead. */
function opened(html: string): { read: string; links: { href: string; text: string }[] } {
  const page = parse(html.replace(/<\/?(?:br|hr|p|li|h1)\b[^>]*>/g, '\n$&\n'));
  const links = page
    .querySelectorAll('[href]')
    .map((link) => ({ href: link.getAttribute('href') ?? '', text: link.text }));
  return { read: page.text, links };
}

const SCRAPS = [
  ...['{{resetLink}}', '{{portalLink}}', '{{name}}', '{{username}}', '{{ip}}', '{{organisation}}', ' ', ' ', '\n'],
  ...['.', ':', '/', '//', '-', '@', '(', ')', '<', '>', '"', '\u00a0', '\u200b', '\u00ad', '\u3000', '。', '．', '：'],
  ...['evil', 'example', 'com', 'http', 'mailto', 'www', 'Go', 'evil.example', '.evil.example/?', '#', '?', '%2e'],
];
const MARKUP = [
  ...[
    '&#46;',
    '&#x2e',
    '&#',
    '&',
    '&nbsp',
    '&shy',
    '&period;',
    '&colon;',
    '&sol;',
    '&nbsp;',
    '&lt;',
    '&uuml;',
    '&eacute',
    '&#123;',
    '&shy;',
  ],
  ...['<p>', '</p>', '<strong>', '</strong>', '<em/>', '<code>', '<br>', '<li>', '</a>', '<a href="{{portalLink}}">'],
  ...['<a href="{{resetLink}}">', '<a class="button" href="{{ resetLink }}">Go</a>', '<a href="{{name}}">'],
  '<a href="{{portalLink}}">{{portalLink}}</a>',
];
const template = (scraps: string[], begins: string): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...scraps), { maxLength: 9 }).map((some) => `${begins}${some.join('')}`);

describe('The links of a mail', () => {
  it('are those that it is given, each whole, whatever text passes the check', () => {
    let passed = 0;
    fc.assert(
      fc.property(template(SCRAPS, 'Here: {{resetLink}} '), (text) => {
        if (problems(text, 'text') !== '') return;
        passed += 1;
        for (const word of linkLike(fillText(text, VALUES))) assert.ok(LINKS.has(word), word);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(passed > 500, `Only ${passed} passed.`);
  });

  it('are those that it is given, each to be seen, whatever HTML passes the check', () => {
    let passed = 0;
    fc.assert(
      fc.property(template([...SCRAPS, ...MARKUP, ...MARKUP], '<p>{{resetLink}}</p>'), (html) => {
        if (problems(html, 'html') !== '') return;
        passed += 1;
        const { read, links } = opened(fillHtml(html, VALUES));
        for (const word of linkLike(read)) assert.ok(LINKS.has(word), word);
        for (const { href, text } of links) {
          assert.ok(LINKS.has(href), href);
          assert.match(text, /[\p{L}\p{N}]/u);
          assert.ok(linkLike(text).every((word) => word === href) && (!text.includes(PORTAL) || text.trim() === href));
        }
      }),
      { numRuns: 20_000 },
    );
    assert.ok(passed > 500, `Only ${passed} passed.`);
  });

  it('touch nothing that could become a part of them, nor are there addresses in other clothes', () => {
    const link = '{{resetLink}}';
    for (const text of [
      ...[`{{portalLink}}.evil.example/?${link}`, `${link}.evil.example`, `(${link})`, `<${link}>`, `"${link}"`],
      ...[`${link}{{name}}`, `{{name}}${link}`, `{{portalLink}}${link}`, `${link}\u00a0x`, `${link}\u200b x`],
      ...[`${link} evil.example`, `${link} see evil\u00ad.example`, `${link} evil．example`, `${link} evil。example`],
      ...[
        `${link} help@evil.example`,
        `${link} mailto:x`,
        `${link} 192.0.2.1/x`,
        `${link} {{name}}.com`,
        `${link} ftp.x`,
      ],
      ...[`${link} evil{{name}}`, `${link} {{name}}{{name}}`, `${link} \\\\evil\\x`, `${link} xn.xn--p1ai`],
    ])
      assert.notEqual(problems(text, 'text'), '', text);
    for (const html of [
      ...[`<strong>${link}</strong>.evil.example`, `<em/>${link}<em/>x`, `<a href="${link}">${link}</a>x`],
      ...['evil&#46;example', 'evil&#x2E;example', 'evil&#46example', 'evil&period;example', 'https&colon;&sol;&sol;x'],
      ...['evil.<strong>example</strong>', 'evil<em>.ex</em>ample', 'evil.&eacutexample', 'e<code>vil.exa</code>mple'],
      ...[`<a href="${link}">{{portalLink}}</a>`, `<a href="${link}">{{portalLink}} x</a>`],
      ...[`<a href="${link}"></a>`, `<a href="${link}"> <br> </a>`, `<a href="${link}">&#8203;&shy;</a>`],
      ...[`<a href="${link}">Go`, `<a href="${link}"><a href="${link}">Go</a></a>`, 'Go</a>', `<a class="x">Go</a>`],
      ...[`<a href="${link}"><code>{{portalLink}}</a> x</code>`, `<a href="${link}"><em/>Go</a>`],
      ...[`<em><a href="${link}">Go</em> x</a>`, `<a href="${link}"><em><code>Go</em></code></a>`],
      ...[
        'evil&#x2e{{organisation}}',
        'evil&#{{name}}',
        'evil&{{name}}',
        'evil&per{{name}}',
        '&#46',
        '&nbsp',
        '&shy x',
      ],
      ...[`<a href="{{portalLink}}" href="${link}">Go</a>`, `<p href="${link}">Go</p>`, `<a href="${link}"/>Go</a>`],
    ])
      assert.notEqual(problems(`<p>${link}</p>${html}`, 'html'), '', html);
  });

  it('leave everyday writing alone', () => {
    for (const text of [
      'Hello {{name}}, 2 > 1. It is 10:30, e.g. at {{organisation}}’s; version 2.0 costs 1.000,50 €.',
      'Grüße, {{organisation}}-Team (z.B. {{by}})! A/B… and so on...',
      'IP: {{ip}}\nBrowser: {{browser}}.\n\n{{portalLink}}\n{{activityLink}}',
      'ありがとうございます。{{name}} 様。Gatehouse です。',
    ])
      assert.equal(
        problems(text, 'text', 'two-factor-disabled')
          .replaceAll(/The mail is of no use[^.]*\. Put it in\./g, '')
          .trim(),
        '',
        text,
      );
    const html = `<p>Fran&ccedil;ois &amp; M&uuml;ller, R&D, AT&T:<br/><a class="button" href="{{ portalLink }}"><strong>Go</strong></a></p><p><a href="{{activityLink}}">{{activityLink}}</a></p>`;
    assert.equal(problems(html, 'html', 'account-locked'), '');
  });

  it('stand in no subject, which is kept and shown as it is', () => {
    for (const subject of ['{{resetLink}}', 'For {{name}}: {{ portalLink }}', '{{activityLink}}'])
      assert.match(problems(subject, 'subject'), /A subject holds no links/, subject);
    assert.match(problems('See evil.example', 'subject'), /addresses of web pages/);
    assert.equal(problems('For {{name}}', 'subject'), '');
  });
});
