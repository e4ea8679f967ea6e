import { Option, type Command } from 'commander';
import { MAIL_STATES, type MailState } from '#policies/enumerations.js';
import { listMail, retryMail } from '#server/features/mail-log/actions.js';
import type { LoggedMail } from '#server/features/mail-log/logged.js';
import { isId } from '#server/input/ids.js';
import { NotFound } from '#server/errors.js';
import { iso, wholeNumber } from './arguments.js';
import { findTenant } from './find.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';

interface Filters {
  search?: string;
  state?: MailState;
  stuck: boolean;
  most: number;
  json: boolean;
}

/** `mail`: what an organisation has sent or has not, and never what it said. */
export function addMail(program: Command): void {
  const mail = program.command('mail').description('the mails of an organisation, without what they say');
  mail
    .command('list')
    .argument('<organization>', 'its short name')
    .description('list them, the newest first')
    .option('--search <words>', 'those with these words in the address or the subject')
    .addOption(new Option('--state <state>', 'those of this state').choices(MAIL_STATES))
    .option('--stuck', 'those that were given up, or have waited for a quarter of an hour', false)
    .option('--most <number>', 'so many at most', wholeNumber, 50)
    .option('--json', 'as JSON', false)
    .action(list);
  mail
    .command('retry')
    .argument('<organization>', 'its short name')
    .argument('<id>', 'of a mail that waits, from: mail list')
    .description('have one tried again at once')
    .action((slug: string, id: string) =>
      withInstallation('demand', async ({ context }) => {
        const inside = context(await findTenant(slug));
        if (!isId(id)) throw new NotFound(`There is no such mail. See: mail list ${slug}`);
        await retryMail(inside, id);
        print('It is tried again as soon as Gatehouse runs.');
      }),
    );
}

async function list(slug: string, { search = '', state, stuck, most, json }: Filters): Promise<void> {
  await withInstallation('demand', async ({ context }) => {
    const inside = context(await findTenant(slug));
    const filters = { q: search, state, stuck: stuck ? ('yes' as const) : undefined };
    const { mails } = await listMail(inside, { ...filters, limit: most });
    printList(mails.map(lineOf), ['id', 'createdAt', 'event', 'recipient', 'state', 'tries', 'lastError'], json);
  });
}

function lineOf({ id, event, recipient, subject, state, tries, lastError, ...times }: LoggedMail) {
  const { createdAt, sentAt, nextTryAt } = times;
  return {
    ...{ id, event, recipient, subject, state, tries, lastError },
    ...{ createdAt: iso(createdAt), sentAt: iso(sentAt), nextTryAt: iso(nextTryAt) },
  };
}
