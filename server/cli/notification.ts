import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { TenantContext } from '#server/context.js';
import { Conflict, NotFound } from '#server/errors.js';
import { restoreNotification, saveNotification } from '#server/features/notifications/actions.js';
import { restorationBody, templateBody, templateQuery } from '#server/features/notifications/input.js';
import { listNotifications, readNotification, type Notification } from '#server/features/notifications/read.js';
import { readForm, readJson } from '#server/input/read.js';
import { isMailEvent } from '#server/mail/events.js';
import { iso, wholeNumber } from './arguments.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';

interface Words {
  locale: string;
  subject?: string;
  textFile?: string;
  htmlFile?: string;
  silence?: boolean;
  send?: boolean;
}

/** `notification`: how the mails of an organisation are worded. */
export function addNotification(program: Command): void {
  const notification = program.command('notification').description('how the mails of an organisation are worded');
  notification
    .command('list')
    .argument('<organization>', 'its short name')
    .description('list the mails there are')
    .option('--json', 'as JSON', false)
    .action((slug: string, { json }: { json: boolean }) =>
      inside(slug, async (context) => {
        const rows = (await listNotifications(context)).map((one) => ({ ...one, lastSentAt: iso(one.lastSentAt) }));
        printList(rows, ['event', 'label', 'worded', 'silenced', 'lastSentAt'], json);
      }),
    );
  ofOne(notification, 'show', 'show how one is worded, and what may stand in it')
    .option('--json', 'as JSON', false)
    .action(show);
  ofOne(notification, 'change', 'word one; what is not given stays as it is')
    .option('--subject <words>', 'its subject')
    .option('--text-file <file>', 'a file with its text')
    .option('--html-file <file>', 'a file with its HTML')
    .option('--silence', 'do not send it; a notice of security is sent all the same')
    .option('--send', 'send it again')
    .action(change);
  ofOne(notification, 'restore', 'put back the text that Gatehouse comes with, or a version of before')
    .argument('[version]', 'its number, from: notification show', wholeNumber)
    .action(restore);
}

function ofOne(notification: Command, verb: string, description: string): Command {
  return notification
    .command(verb)
    .argument('<organization>', 'its short name')
    .argument('<event>', 'the mail, from: notification list')
    .description(description)
    .option('--locale <locale>', 'the language of whoever reads it', 'en');
}

async function show(slug: string, event: string, { locale, json }: { locale: string; json: boolean }): Promise<void> {
  await about(slug, event, async (context) => {
    const found = await readNotification(context, event, languageOf(locale));
    const { versions, lastSentAt, ...one } = found;
    const times = versions.map(({ createdAt, ...version }) => ({ ...version, createdAt: iso(createdAt) }));
    if (json) print(JSON.stringify({ ...one, lastSentAt: iso(lastSentAt), versions: times }, null, 2));
    else print(inWords(found));
  });
}

function inWords({ label, subject, text, enabled, own, variables, versions }: Notification): string {
  const named = variables.map(({ name, required }) => (required ? `${name} (must stand in it)` : name));
  return [
    `${label}: ${own ? 'in words of your own' : 'as Gatehouse comes with it'}${enabled ? '' : ', not sent'}.`,
    `Versions: ${versions.map(({ version }) => version).join(', ') || 'none'}.`,
    `Variables: ${named.join(', ')}.`,
    '',
    `Subject: ${subject}`,
    '',
    text,
  ].join('\n');
}

async function change(
  slug: string,
  event: string,
  { locale, silence, send, ...words }: Words,
  command: Command,
): Promise<void> {
  if (silence && send) command.error('error: give --silence or --send, and not both');
  if ([words.subject, words.textFile, words.htmlFile, silence, send].every((one) => one === undefined))
    command.error('error: say what to change: --subject, --text-file, --html-file, --silence or --send');
  const { subject, textFile, htmlFile } = words;
  await about(slug, event, async (context) => {
    const now = await readNotification(context, event, languageOf(locale));
    const wording = {
      subject: subject ?? now.subject,
      text: textFile === undefined ? now.text : wordsIn(textFile),
      html: htmlFile === undefined ? now.html : wordsIn(htmlFile),
    };
    const enabled = silence ? false : (send ?? now.enabled);
    await saveNotification(context, event, readJson(templateBody, { locale, ...wording, enabled }));
    print('It is worded like this from now on.');
  });
}

async function restore(
  slug: string,
  event: string,
  given: number | undefined,
  { locale }: { locale: string },
): Promise<void> {
  const version = given ?? null;
  const asked = readJson(restorationBody, version === null ? { locale } : { locale, version });
  await about(slug, event, async (context) => {
    await restoreNotification(context, event, { locale: asked.locale, version });
    print(version === null ? 'It has the text that Gatehouse comes with.' : `Version ${version} counts again.`);
  });
}

async function inside(slug: string, work: (context: TenantContext) => Promise<void>): Promise<void> {
  await withInstallation('demand', async ({ context }) => work(context(await findTenant(slug))));
}

async function about(slug: string, event: string, work: (context: TenantContext) => Promise<void>): Promise<void> {
  await inside(slug, async (context) => {
    if (!isMailEvent(event)) throw new NotFound(`There is no mail ${event}. See: notification list ${slug}`);
    await work(context);
  });
}

function languageOf(locale: string): string {
  return readForm(templateQuery, { locale }).locale;
}

function wordsIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r\n?/g, '\n');
  } catch (error) {
    throw new Conflict(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  }
}
