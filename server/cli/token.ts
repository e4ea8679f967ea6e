import type { Command } from 'commander';
import { exportCredentials } from '#server/features/credentials/export.js';
import { stateInWords, type ListedCredential } from '#server/features/credentials/list.js';
import { changeMany } from '#server/features/credentials/many.js';
import { iso, type PlaceAddress } from './arguments.js';
import { withInstallation } from './installation.js';
import { print, printList } from './print.js';
import { printFile } from './print-file.js';
import { asked, chosenOf, found, takesChoice, takesFilters, type Chosen, type Filters } from './token-choice.js';
import { addTokenShorten } from './token-shorten.js';

/** `token`: what programs call with, SSH keys among it, as the list of an organisation has it. */
export function addToken(program: Command): void {
  const token = program
    .command('token')
    .description('the API tokens of an organisation, and what else lets programs in');
  takesFilters(token, 'list', 'list those that work')
    .option('--json', 'as JSON', false)
    .action((place: PlaceAddress, { json, ...filters }: Filters & { json: boolean }) =>
      withInstallation('demand', async (installation) => {
        const { credentials } = await found(installation, place, filters);
        const rows = credentials.map((one) => (json ? lineOf(one) : { ...lineOf(one), state: stateInWords(one) }));
        printList(rows, ['id', 'kind', 'name', 'owner', 'state', 'expiresAt', 'lastUsedAt'], json);
      }),
    );
  takesFilters(token, 'export', 'print those that work, or those whom the filters find, as CSV').action(
    (place: PlaceAddress, filters: Filters) =>
      withInstallation('demand', async (installation) => {
        const { context, filters: wanted } = await asked(installation, place, filters);
        await printFile(context.tenant, await exportCredentials(context, wanted));
      }),
  );
  takesChoice(token, 'revoke', 'revoke these, or all that the filters find; their owners get a mail').action(revoke);
  addTokenShorten(token);
}

async function revoke(place: PlaceAddress, ids: string[], chosen: Chosen, command: Command): Promise<void> {
  await withInstallation('demand', async (installation) => {
    const { context, credentials } = await chosenOf(installation, place, ids, chosen, command);
    if (chosen.dryRun) {
      printList(credentials.map(lineOf), ['id', 'kind', 'name', 'owner', 'state'], false);
      print(`${credentials.length} would be revoked.`);
      return;
    }
    const wanted = credentials.map(({ id }) => id);
    const { reached } = await changeMany(context, { kind: 'removal' }, wanted);
    print(`${reached.length === 1 ? 'One is' : `${reached.length} are`} revoked.`);
  });
}

function lineOf({ id, kind, name, owner, role, roleHeld, scopes, state, allowedIps, ...times }: ListedCredential) {
  const { createdAt, expiresAt, lastUsedAt, overPolicy } = times;
  return {
    ...{ id, kind, name, owner: owner.username, role, roleHeld, scopes: scopes ?? null, state, allowedIps, overPolicy },
    ...{ createdAt: iso(createdAt), expiresAt: iso(expiresAt), lastUsedAt: iso(lastUsedAt) },
  };
}
