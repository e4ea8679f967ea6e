import assert from 'node:assert/strict';
import fc from 'fast-check';
import { composeMail } from '#server/mail/compose.js';
import { ownVariables, type MailEvent } from '#server/mail/events.js';
import { factoryTemplate } from '#server/mail/factory.js';
import { templateProblems } from '#server/mail/template-check.js';
import { fillHtml, fillSubject, fillText } from '#server/mail/template.js';
import { sampleValues } from '../support/sample-mail.js';
import { processorTime } from '../support/processor.js';

const PORTAL = 'https://portal.acme.example';

describe('filling a template', () => {
  const values = { name: '<b onclick="x">O\'Hara & Söhne</b>', resetLink: `${PORTAL}/a?b=1&c=2` };

  it('escapes values in HTML and leaves them as they are in text', () => {
    assert.equal(
      fillHtml('<p>{{name}}</p>', values),
      '<p>&#60;b onclick=&#34;x&#34;&#62;O&#39;Hara &#38; Söhne&#60;/b&#62;</p>',
    );
    assert.equal(fillHtml('<a href="{{resetLink}}">', values), `<a href="${PORTAL}/a?b=1&#38;c=2">`);
    assert.equal(fillText('Hello {{ name }},', values), `Hello ${values.name},`);
  });

  it('never looks at a value again: braces and dollars in a name stay text', () => {
    const name = '{{resetLink}} $& $1 {{name}}';
    assert.equal(fillText('Hello {{name}}', { ...values, name }), `Hello ${name}`);
    assert.equal(fillHtml('{{name}}', { ...values, name }), '{{resetLink}} $&#38; $1 {{name}}');
    const { text, html } = composeMail(
      factoryTemplate('password-reset', 'en'),
      { ...sampleValues('password-reset', PORTAL), name: '{{resetLink}}{{content}}' },
      'blue',
    );
    assert.ok(text.startsWith('Hello {{resetLink}}{{content}},'));
    assert.ok(html.includes('<p>Hello {{resetLink}}{{content}},</p>'));
  });

  it('keeps the subject one line, whatever the values hold', () => {
    const name = 'Uma\r\nBcc: all@acme.example\u0000\u0085\u2028x\ud800';
    assert.equal(fillSubject('For {{name}}', { name }), 'For Uma Bcc: all@acme.example x');
    assert.equal(Array.from(fillSubject('{{name}}', { name: '🙂'.repeat(500) })).length, 200);
  });

  it('keeps a value on its line in the text too, so that it cannot write lines of its own', () => {
    assert.equal(
      fillText('Browser: {{browser}}\nEnd', { browser: 'Firefox\n\nCall 0900 123' }),
      'Browser: Firefox Call 0900 123\nEnd',
    );
  });

  it('refuses a variable without a value, those of every object included', () => {
    for (const name of ['nothing', 'constructor', 'toString'])
      assert.throws(() => fillText(`{{${name}}}`, values), /no value/);
  });

  it('lets no value break out of the HTML', () => {
    const scraps = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '`',
      '&',
      '{{',
      '}}',
      'name',
      '$&',
      '\r',
      '\n',
      '\0',
      '\u2028',
      '\ud800',
      'é',
      '🙂',
      ' ',
      '/',
    );
    fc.assert(
      fc.property(fc.string({ unit: scraps }), (name) => {
        const filled = fillHtml('<a href="{{name}}">{{name}}</a>', { name });
        assert.match(filled, /^<a href="[^<>"'`]*">[^<>"'`]*<\/a>$/u);
        assert.doesNotMatch(fillSubject('{{name}}', { name }), /[\p{Cc}\p{Cs}\u2028\u2029]/u);
      }),
    );
  });
});

describe('checking a template', () => {
  const problems = (
    text: string,
    part: 'subject' | 'text' | 'html' = 'text',
    event: MailEvent = 'account-locked',
  ): string => templateProblems(ownVariables(event), text, part).join(' ');

  it('takes what the factory templates are made of', () => {
    assert.equal(
      problems(
        '<h1 class="x">Hello {{ name }}</h1><p>a<br/>b &lt; c</p><a class="button" href="{{portalLink}}">Go</a>',
        'html',
      ),
      '',
    );
    assert.equal(problems('Hello {{name}}, 2 > 1', 'text'), '');
    assert.deepEqual(templateProblems(ownVariables('account-locked'), 'Hello {{name}}', 'text'), []);
  });

  it('names a variable that there is not', () => {
    assert.match(problems('Hello {{nmae}}'), /no variable \{\{nmae\}\}.*username/);
    assert.match(problems('{{constructor}}'), /no variable/);
    assert.match(problems('{{resetLink}}'), /no variable/);
    assert.match(templateProblems(ownVariables('password-changed'), '{{password}}', 'text').join(''), /no variable/);
  });

  it('says when braces are not closed or hold more than a name', () => {
    for (const text of ['{{name', 'name}}', '{{#if name}}', '{{name.length}}', '{{"x"}}'])
      assert.match(problems(text), /between two braces/);
  });

  it('takes no code: nothing but the few tags that a mail needs', () => {
    const wrong = [
      '<script>x</script>',
      '<img src="x">',
      '<p onclick="x">',
      '<p style="x">',
      '<!-- x -->',
      '<a href="/x">',
      '<%= 1 %>',
      '<p class="{{name}}">',
      '<svg/onload=x>',
      '<p',
      '<a href={{portalLink}}>',
      '<P>',
    ];
    for (const html of wrong) assert.match(problems(html, 'html'), /cannot be used/, html);
  });

  it('sends nobody elsewhere: a link is always one variable that ends in Link', () => {
    for (const href of [
      'https://evil.example',
      '{{name}}',
      'javascript:{{portalLink}}',
      '{{portalLink}}.evil.example',
      '//evil.example',
    ]) {
      assert.notEqual(problems(`<a href="${href}">x</a>`, 'html'), '', href);
    }
    for (const text of ['Go to https://evil.example', 'Go to www.evil.example', 'HTTP://x'])
      assert.match(problems(text), /addresses of web pages/);
  });

  it('misses the link that the mail is about', () => {
    assert.match(problems('Hello', 'text', 'password-reset'), /no use without \{\{resetLink\}\}/);
    assert.match(problems('<p>Hello</p>', 'html', 'invitation'), /invitationLink/);
    assert.equal(problems('Hello', 'subject', 'password-reset'), '');
  });

  it('wants a subject of one line, and a size that fits', () => {
    assert.match(problems(' ', 'subject'), /Enter a subject/);
    assert.match(problems('a\nBcc: b', 'subject'), /one line/);
    assert.match(problems('a'.repeat(201), 'subject'), /at most 200/);
    assert.match(problems('a'.repeat(33_000)), /32 kB/);
  });

  it('costs what its length does, whatever it is made of', () => {
    const pieces = [
      '<',
      '<a ',
      '<a\n',
      '<p',
      '<!--',
      '<a href="',
      '</',
      '&',
      '&a',
      '&#x',
      '{{',
      '{{ ',
      '{{a',
      'a.',
      ':',
      '/',
      '[',
    ];
    const took = processorTime(() => {
      for (const piece of pieces)
        for (const part of ['text', 'html'] as const)
          assert.notEqual(problems(piece.repeat(32_000 / piece.length), part, 'password-reset'), '');
    });
    assert.ok(took < 1000, `${took} ms`);
  });
});
