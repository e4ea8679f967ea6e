import type { Command } from 'commander';
import { createOperator } from '#server/features/operators/actions.js';
import { operatorForm } from '#server/features/operators/input.js';
import { readForm } from '#server/input/read.js';
import { withInstallation } from './installation.js';
import { demandPassword, takesPassword, type PasswordOptions } from './password.js';
import { print } from './print.js';

type Options = PasswordOptions & { username: string; name: string; email: string };

export function addOperator(program: Command): void {
  const operator = program.command('operator').description('who looks after the organisations');
  takesPassword(
    operator
      .command('create')
      .description('make an operator, who signs in to the organisation "platform"')
      .requiredOption('--username <username>', 'what to sign in with')
      .requiredOption('--name <name>', 'the name as people say it')
      .requiredOption('--email <address>', 'where mails go'),
  ).action(async ({ username, name, email, ...given }: Options, command: Command) => {
    const typed = readForm(operatorForm, { username, name, email, password: await demandPassword(given, command) });
    await withInstallation('migrate', async ({ context }) => {
      await createOperator(context(), typed);
      print(`platform/${typed.username} can sign in now.`);
    });
  });
}
