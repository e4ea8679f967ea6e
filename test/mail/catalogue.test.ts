import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BRAND_COLOURS, colourProblem } from '#policies/brand.js';
import { contrast } from '#policies/colour.js';
import { composeMail } from '#server/mail/compose.js';
import { MAIL_EVENTS, ownVariables, type MailEvent } from '#server/mail/events.js';
import { factoryTemplate } from '#server/mail/factory.js';
import { mailLanguage } from '#server/mail/language.js';
import { isLinkVariable } from '#server/mail/variables.js';
import { spanText } from '#server/mail/words.js';
import { sampleValues, variablesOf } from '../support/sample-mail.js';

const EVENTS = Object.keys(MAIL_EVENTS) as MailEvent[];
const PORTAL = 'https://portal.acme.example';
const compose = (event: MailEvent, changes: Record<string, string> = {}, colour = 'blue') =>
  composeMail(factoryTemplate(event, 'en'), { ...sampleValues(event, PORTAL), ...changes }, colour);

describe('the mails that Gatehouse comes with', () => {
  for (const event of EVENTS) {
    it(`${event}: text and HTML say the same, and every link leads to this portal`, () => {
      const { subject, text, html } = compose(event);
      const own = Object.keys(ownVariables(event));
      for (const name of own) {
        const value = sampleValues(event, PORTAL)[name]!;
        assert.ok(text.includes(value), `${name} is missing in the text`);
        assert.ok(html.includes(value), `${name} is missing in the HTML`);
      }
      assert.match(subject, /Acme/);
      assert.doesNotMatch(subject + text + html, /\{\{|\}\}|undefined/);
      const links = (part: string): string[] =>
        [...new Set([...part.matchAll(/https?:\/\/[^\s"<]+/g)].map(([url]) => url))].sort();
      assert.deepEqual(links(text), links(html));
      for (const link of links(html)) assert.equal(new URL(link).origin, PORTAL);
      // A button of the HTML part is a sentence of the text part, and may not work: a few words differ, not what is said.
      const words = (part: string): Set<string> => new Set(part.toLowerCase().match(/\p{L}+/gu) ?? []);
      const inText = words(text);
      const inHtml = words(
        html.replace(/<(style|title)>[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<p class="bare">.*<\/p>|<[^>]+>/g, ' '),
      );
      assert.ok([...inText].filter((word) => !inHtml.has(word)).length <= 6, 'the text says more');
      assert.ok([...inHtml].filter((word) => !inText.has(word)).length <= 6, 'the HTML says more');
    });
  }

  it('is in the colour of the organisation, which can be read on what a mail stands on, light and dark', () => {
    const all = fc.sample(
      fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`),
      200,
    );
    for (const colour of [...BRAND_COLOURS, ...all.filter((one) => colourProblem(one) === null)]) {
      const { html } = compose('password-reset', {}, colour);
      if (colour.startsWith('#')) assert.ok(html.includes(`background-color: ${colour}; color: #ffffff`), colour);
      const [light = '', dark = ''] = html.split('prefers-color-scheme: dark');
      const found = (part: string, rule: RegExp): string => rule.exec(part)?.[1] ?? '';
      const pairs = [
        [found(light, /\.button \{.*background-color: (#\w+)/), '#ffffff'],
        ...['#ffffff', '#f1f4f9'].map((ground) => [found(light, /\n {2}a \{ color: (#\w+)/), ground]),
        [found(dark, /\.button \{ background-color: (#\w+)/), '#0d1520'],
        ...['#1a202b', '#232b39'].map((ground) => [found(dark, /\n {4}a \{ color: (#\w+)/), ground]),
      ] as [string, string][];
      for (const [one, other] of pairs) assert.ok(contrast(one, other) >= 4.5, `${colour}: ${one} on ${other}`);
    }
    assert.notEqual(compose('password-reset', {}, 'pink').html, compose('password-reset').html);
  });

  it('a subject can be read whole in a list of mails: 60 characters, and 78 where names are long', () => {
    const long = {
      ...{ organisation: 'Northwind Traders', account: 'Katarzyna Wiśniewska (katarzyna.wisniewska)' },
      ...{ of: 'katarzyna.wisniewska', by: 'Bartholomew Fitzgerald', passkey: 'Katarzyna’s MacBook Pro' },
      ...{ credential: 'The API token “Deploy to production”', ends: 'now ends on 25 Sept', startsOn: '25 Sept' },
    };
    const lengths = EVENTS.map((event) => ({
      event,
      usual: compose(event).subject.length,
      long: compose(event, long).subject.length,
    }));
    assert.deepEqual(
      lengths.filter((one) => one.usual > 60 || one.long > 78),
      [],
    );
  });

  it('a mail about a change says when, from where and with which browser, and what to do if it was somebody else', () => {
    for (const event of [
      'password-reset',
      'password-changed',
      'email-change-notice',
      'email-changed',
      'account-locked',
      'step-up-locked',
      'new-sign-in',
    ] as const) {
      const { text, html } = compose(event);
      for (const part of [text, html]) {
        assert.match(part, /21 November 2026 at 14:05 UTC/);
        assert.match(part, /203\.0\.113\.7/);
        assert.match(part, /Firefox 143 on Linux/);
        assert.match(part, /if it was not you/i);
      }
    }
  });

  it('no mail can name a password', () => {
    for (const event of EVENTS)
      assert.deepEqual(
        Object.keys(variablesOf(event)).filter((name) => /password(?!Link$)|secret|code/i.test(name)),
        [],
      );
  });

  it('the page adapts to light and dark, and to a telephone, and is read aloud as one piece with its subject', () => {
    const { html } = compose('password-changed');
    assert.match(html, /<meta name="color-scheme" content="light dark">/);
    assert.match(html, /<body[^>]*>\s*<div[^>]* role="article"[^>]* aria-label="[^"{]+"/);
    assert.match(html, /prefers-color-scheme: dark/);
    assert.match(html, /<html lang="en">/);
    assert.doesNotMatch(html, /<(script|img|link|iframe)/);
  });

  it('come in English where there are none in the language of the reader', () => {
    assert.equal(factoryTemplate('invitation', 'de-CH').language, 'en');
    assert.equal(factoryTemplate('invitation', '../../etc').language, 'en');
    assert.equal(mailLanguage('en-GB'), 'en');
  });

  it('say how long a link lasts in words', () => {
    assert.deepEqual(
      [30, 60, 90, 24 * 60, 7 * 24 * 60, 0, 1.2].map((minutes) => spanText(minutes * 60_000, 'fr')),
      ['30 minutes', '1 hour', '90 minutes', '1 day', '7 days', '1 minute', '2 minutes'],
    );
  });

  it('every link variable has a name that ends in Link, and a path as its sample', () => {
    for (const event of EVENTS) {
      for (const [name, { sample }] of Object.entries(variablesOf(event))) {
        assert.equal(isLinkVariable(name), sample === '' || sample.startsWith('/'), name);
      }
    }
  });
});
