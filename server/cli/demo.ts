import { Option, type Command } from 'commander';
import { seedDemo } from '#server/features/demo/actions.js';
import { randomToken } from '#server/lib/random-token.js';
import { wholeNumber } from './arguments.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';

/** How many colleagues the named ones of acme have. */
const CROWD = 40;

interface Options {
  password?: string;
  json: boolean;
  users: number;
  events: number;
  force: boolean;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('add the demonstration: the organisations acme and globex, and an operator')
    .option('--password <password>', 'one password for all; made and printed when none is given')
    .option('--json', 'print the password and the users as JSON', false)
    .addOption(new Option('--users <n>', 'this many more users in acme').argParser(wholeNumber).default(0))
    .addOption(new Option('--events <n>', 'this many more rows in its security log').argParser(wholeNumber).default(0))
    .option('--force', 'even beside other organisations', false)
    .action(({ password = randomToken(), json, users, events, force }: Options) =>
      withInstallation('migrate', async ({ context }) => {
        const cast = await seedDemo(context(), { password, users, events, crowd: CROWD, force });
        if (json) {
          print(JSON.stringify({ password, users: cast }));
          return;
        }
        printList(
          cast.map((user) => ({ ...user })),
          ['organization', 'username', 'role'],
          false,
        );
        print(`\nThe password of all of them: ${password}`);
      }),
    );
}
